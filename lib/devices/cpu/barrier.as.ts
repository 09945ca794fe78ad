import { ARRIVED, ASLEEP, GENERATION, QUIT, UNIT } from "./control.as";

// Looks at the barrier so often before going to sleep, which takes longer than most instructions.
const SPINS: u32 = 20000;
// A thread that failed never arrives: those asleep look at times whether they shall end.
const NAP: i64 = 100_000_000;

// Waits until all threads are here; the last one hands out units anew. Returns whether to go on.
export function meet(threads: u32): bool {
  if (threads == 1) {
    atomic.store<u32>(UNIT, 0);
    return true;
  }
  const generation = atomic.load<u32>(GENERATION);
  if (atomic.add<u32>(ARRIVED, 1) + 1 == threads) {
    atomic.store<u32>(ARRIVED, 0);
    atomic.store<u32>(UNIT, 0);
    atomic.store<u32>(GENERATION, generation + 1);
    if (atomic.load<u32>(ASLEEP)) atomic.notify(GENERATION, -1);
    return true;
  }
  for (let i: u32 = 0; i < SPINS; i++) {
    if (atomic.load<u32>(GENERATION) != generation) return true;
  }
  atomic.add<u32>(ASLEEP, 1);
  while (atomic.load<u32>(GENERATION) == generation) {
    atomic.wait<u32>(GENERATION, generation, NAP);
    if (atomic.load<u32>(QUIT)) return false;
  }
  atomic.sub<u32>(ASLEEP, 1);
  return true;
}
