// How threads run programs: all of them walk the same tape and share the units of each instruction.
import { meet } from "./barrier.as";
import { call } from "./calls.as";
import { COMPLETED, QUEUE, QUEUE_LENGTH, QUIT, SUBMITTED, TIMES, TIMES_END, UNIT } from "./control.as";

export * from "./control.as";

// @ts-ignore: decorator
@external("env", "clock")
declare function clock(): f64;

// Runs `count` instructions of three words: kernel, units, address of the parameters.
function walk(tape: usize, count: u32, scratch: usize, thread: u32, threads: u32): bool {
  for (const end = tape + 12 * count; tape < end; tape += 12) {
    const kernel = load<u32>(tape);
    const units = load<u32>(tape, 4);
    const parameters: usize = load<u32>(tape, 8);
    for (let unit = atomic.add<u32>(UNIT, 1); unit < units; unit = atomic.add<u32>(UNIT, 1)) {
      call(kernel, parameters, unit, scratch);
    }
    if (!meet(threads)) return false;
    if (thread == 0 && load<u32>(TIMES)) stamp();
  }
  return true;
}

function stamp(): void {
  const at: usize = load<u32>(TIMES);
  if (at + 8 > <usize>load<u32>(TIMES_END)) return;
  store<f64>(at, clock());
  store<u32>(TIMES, <u32>(at + 8));
}

// Runs one submission: a count, then for each tape its address, length, and the threads' scratch memory with its stride.
function submission(at: usize, thread: u32, threads: u32): bool {
  const end = at + 4 + 16 * load<u32>(at);
  for (at += 4; at < end; at += 16) {
    const scratch: usize = load<u32>(at, 8) + thread * load<u32>(at, 12);
    if (thread == 0 && load<u32>(TIMES)) stamp();
    if (!walk(load<u32>(at), load<u32>(at, 4), scratch, thread, threads)) return false;
  }
  return true;
}

// Runs the submissions sent so far. The host calls it where it is the only thread.
export function runAll(): void {
  for (let done = load<u32>(COMPLETED); done != load<u32>(SUBMITTED); store<u32>(COMPLETED, ++done)) {
    submission(load<u32>(QUEUE + 4 * (done % QUEUE_LENGTH)), 0, 1);
  }
}

// Runs submissions as they come, until the host says to quit.
export function work(thread: u32, threads: u32, done: u32): void {
  while (true) {
    while (atomic.load<u32>(SUBMITTED) == done) atomic.wait<u32>(SUBMITTED, done, -1);
    if (atomic.load<u32>(QUIT)) return;
    if (!submission(atomic.load<u32>(QUEUE + 4 * (done % QUEUE_LENGTH)), thread, threads)) return;
    // The queue's slot is free, and its results are there, once all threads are past it.
    if (!meet(threads)) return;
    done++;
    if (thread == 0) {
      atomic.store<u32>(COMPLETED, done);
      atomic.notify(COMPLETED, -1);
    }
  }
}
