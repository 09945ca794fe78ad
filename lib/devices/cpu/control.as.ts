// Words through which the host and the threads talk, each on a cache line of its own. They are exported, so that the
// host reads the addresses from here.

// Submissions sent, and done; they wrap around together.
export const SUBMITTED: usize = 1024;
export const COMPLETED: usize = 1088;
// Not 0 once the threads shall end; SUBMITTED changes with it, so that those asleep wake up.
export const QUIT: usize = 1152;
// The bytes of what a thread failed with, 0 while none has.
export const FAILED: usize = 1156;
// The next unit of the current instruction.
export const UNIT: usize = 1216;
// The barrier: threads that have arrived, how often it opened, threads asleep at it.
export const ARRIVED: usize = 1280;
export const GENERATION: usize = 1344;
export const ASLEEP: usize = 1408;
// Where the next timestamp goes, 0 where nobody asked for times, and the end of the room for them.
export const TIMES: usize = 1472;
export const TIMES_END: usize = 1476;
// The addresses of the submissions in flight.
export const QUEUE: usize = 1536;
export const QUEUE_LENGTH: u32 = 8;
// What a thread failed with.
export const MESSAGE: usize = 2048;
// Where memory for all else begins.
export const HEAP: usize = 4096;

export { WIDE } from "../../ops/kernel.as";
