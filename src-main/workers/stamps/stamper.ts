/**
 * Stamper of core/ports.ts. What takes a few microseconds is done at once, for a message to a thread and its answer cost
 * more; the rest is done on threads of its own, many stamps a message. Who waits is served in the order of asking.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Stamper } from '../../core/ports.ts';
import { STAMP_BYTES } from '../../core/wire/messages.ts';
import { ADDRESS_BYTES } from '../../core/wire/record.ts';
import { stopping, ThreadPool } from '../thread-pool.ts';
import type { StampBatch, StampedBatch } from './messages.ts';
import { createStampSearch, requireSearchable } from './search.ts';
import type { StampSearch } from './search.ts';

/**
 * Up to so many bits a stamp is found at once, in 8 us here at six bits. By a thread, one alone takes 16 us of this thread
 * and each of sixteen 2 us (npm run bench -- stamps); so practice networks, which ask for four bits, need no thread.
 */
const INLINE_BITS = 6;
/** Hashes that a batch takes as a rule, some 7 ms of a thread: many messages are saved, and threads share the work. */
const BATCH_HASHES = 2 ** 16;
/** Batches of a thread: one that it works on, and one so that it need not wait for the next. */
const BATCHES_AHEAD = 2;
/** Stamps that wait, about 300 bytes each. The core asks for MAX_LOCAL_PENDING at most. */
const MAX_WAITING = 4_096;

export interface StampingPoolOptions {
  readonly threads: number;
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
  /** Up to so many bits no thread is used; for the benchmark, which measures where that pays. */
  readonly inlineBits?: number;
}

interface Job {
  readonly address: Uint8Array;
  readonly bits: number;
  readonly resolve: (stamp: Uint8Array) => void;
  readonly reject: (error: BroadsideError) => void;
}

export class StampingPool implements Stamper {
  readonly #pool: ThreadPool<StampBatch, StampedBatch>;
  readonly #inlineBits: number;
  #search: StampSearch | undefined;
  #waiting: Job[] = [];
  #dispatching = false;

  constructor({ threads, workerUrl, inlineBits }: StampingPoolOptions) {
    this.#pool = new ThreadPool({ threads, workerUrl: workerUrl ?? new URL('./worker.ts', import.meta.url) });
    this.#inlineBits = inlineBits ?? INLINE_BITS;
  }

  /** Rejects with `busy` when too many wait or the pool is closed, with `unexpected` when a thread dies. */
  async stamp(address: Uint8Array, bits: number): Promise<Uint8Array> {
    requireSearchable(address, bits);
    if (this.#pool.closed) throw stopping();
    if (bits <= this.#inlineBits) {
      this.#search ??= createStampSearch();
      return this.#search(address, bits);
    }
    if (this.#waiting.length >= MAX_WAITING)
      throw new BroadsideError('busy', 'Too many stamps are being looked for. Try again in a moment.');
    return new Promise((resolve, reject) => {
      this.#waiting.push({ address, bits, resolve, reject });
      if (this.#dispatching) return;
      // What else is asked for in this turn goes with it.
      this.#dispatching = true;
      queueMicrotask(() => {
        this.#dispatching = false;
        this.#dispatch();
      });
    });
  }

  /** Ends the threads; what was not found yet is rejected. Idempotent. */
  async close(): Promise<void> {
    const closed = this.#pool.close();
    for (const job of this.#waiting.splice(0)) job.reject(stopping());
    await closed;
  }

  #dispatch(): void {
    while (this.#waiting.length > 0 && !this.#pool.closed) {
      const thread = this.#pool.thread(BATCHES_AHEAD);
      if (thread.load >= BATCHES_AHEAD) return;
      const jobs = this.#waiting.splice(0, batchLength(this.#waiting));
      const task = thread.begin({
        deliver: ({ stamps }) => {
          thread.end(task);
          for (const [index, job] of jobs.entries())
            job.resolve(stamps.slice(index * STAMP_BYTES, (index + 1) * STAMP_BYTES));
          this.#dispatch();
        },
        fail: (message) => {
          const error = this.#pool.closed
            ? stopping()
            : new BroadsideError('unexpected', `Stamping failed: ${message}.`);
          for (const job of jobs) job.reject(error);
          this.#dispatch();
        },
      });
      const addresses = new Uint8Array(jobs.length * ADDRESS_BYTES);
      for (const [index, job] of jobs.entries()) addresses.set(job.address, index * ADDRESS_BYTES);
      const bits = Uint8Array.from(jobs, (job) => job.bits);
      thread.post({ task, addresses, bits }, [addresses.buffer, bits.buffer]);
    }
  }
}

/** How many of those that wait fit in a batch: one at least. */
function batchLength(waiting: readonly Job[]): number {
  let hashes = 0;
  const over = waiting.findIndex((job) => (hashes += 2 ** job.bits) > BATCH_HASHES);
  return over === -1 ? waiting.length : Math.max(1, over);
}
