/** A priority queue: a binary heap that gives back the items in the order of `comesBefore`. */
export class BinaryHeap<Item> {
  readonly #items: Item[] = [];
  readonly #comesBefore: (a: Item, b: Item) => boolean;

  constructor(comesBefore: (a: Item, b: Item) => boolean) {
    this.#comesBefore = comesBefore;
  }

  /** Adds an item in O(log n). */
  push(item: Item): void {
    const items = this.#items;
    let child = items.length;
    items.push(item);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#comesBefore(item, items[parent]!)) break;
      items[child] = items[parent]!;
      child = parent;
    }
    items[child] = item;
  }

  /** Removes and returns the first item in O(log n), or `undefined` if there is none. */
  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    let parent = 0;
    while (true) {
      let child = 2 * parent + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#comesBefore(items[child + 1]!, items[child]!)) child++;
      if (!this.#comesBefore(items[child]!, last)) break;
      items[parent] = items[child]!;
      parent = child;
    }
    items[parent] = last;
    return first;
  }
}
