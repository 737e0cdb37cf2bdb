// Layout of the block through which the calling thread hands tasks to the workers. Every task has a ticket, a number
// that only rises (and wraps at 32 bits); the ring slot of a ticket holds the function and its arguments.

/** Index of the next ticket to take, in 32-bit words from the block's start. */
export const NEXT = 0;
/** First ticket that has no task yet; workers sleep on this word. */
export const END = 1;
/** Number of finished tasks since the start, modulo 2^32; the caller sleeps on this word. */
export const DONE = 2;
/** Not 0 after a task has thrown. */
export const FAILED = 3;
/** Number of workers that are running. */
export const READY = 4;
/** Not 0 when the workers are to end. */
export const STOP = 5;

/** Tasks that can be open at once. */
export const SLOTS = 256;
/** Bytes of one slot: function index, number of arguments, then the arguments as 64-bit floats. */
export const SLOT_BYTES = 256;
/** Bytes from the block's start to the slot of ticket 0: the six words above, and room up to the end of their cache line. */
export const FIRST_SLOT = 64;
/** Most arguments of a task, which is what a slot has room for. */
export const MAXIMUM_ARGUMENTS = (SLOT_BYTES - 8) / 8;
/** Bytes of the whole block. */
export const CONTROL_BYTES = FIRST_SLOT + SLOTS * SLOT_BYTES;

/** Loads of a word before a thread goes to sleep: about 20 microseconds, the time that waking it would cost. */
export const SPINS = 2000;
