/**
 * Makes documents inert on threads of their own, one document a thread at a time, bounded in size, time and memory: a
 * document that passes a bound is refused and its thread ended, and nobody else waits for it.
 */
import { MIB } from '../../../shared/base/units.ts';
import { stopping, ThreadPool } from '../thread-pool.ts';
import type { FromThread, InertRequest, InertResult, ToThread } from './messages.ts';

/** Largest document. 2.5 MB of plain HTML take 1.2 s, and 3 s on a machine that has other work (measured); the longest novels have 4 MB. */
export const MAX_DOCUMENT_BYTES = 8 * MIB;
/** Longest that one may take: two and a half times what the largest plain one did on a machine that had other work (measured). */
const TIMEOUT_MS = 20_000;
/** What a thread may hold: with the largest plain document the whole process had 510 MB (measured, both passes). */
const MAX_HEAP_MIB = 768;
/** Documents that wait hold their bytes. A guess: eight of the largest. */
const MAX_WAITING_BYTES = 8 * MAX_DOCUMENT_BYTES;

/** Why a document is not shown. */
export type InertProblem = 'too-large' | 'too-slow' | 'not-inert' | 'busy';

export class InertRefusal extends Error {
  readonly problem: InertProblem;

  constructor(problem: InertProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

interface Waiting {
  readonly request: InertRequest;
  readonly resolve: (result: InertResult) => void;
  readonly reject: (error: Error) => void;
}

export interface InertPoolOptions {
  readonly threads: number;
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
  /** For tests. */
  readonly timeoutMs?: number;
}

export class InertPool {
  readonly #pool: ThreadPool<ToThread, FromThread>;
  readonly #threads: number;
  readonly #timeoutMs: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running = 0;

  constructor({ threads, workerUrl, timeoutMs }: InertPoolOptions) {
    this.#threads = threads;
    this.#timeoutMs = timeoutMs ?? TIMEOUT_MS;
    this.#pool = new ThreadPool({
      threads,
      workerUrl: workerUrl ?? new URL('./worker.ts', import.meta.url),
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB },
    });
  }

  /** Takes the bytes over. Rejects with InertRefusal, with `busy` when the pool is closed. */
  make(request: InertRequest): Promise<InertResult> {
    if (this.#pool.closed) return Promise.reject(stopping());
    const size = request.bytes.length;
    if (size > MAX_DOCUMENT_BYTES) return Promise.reject(new InertRefusal('too-large', `it has ${size} bytes`));
    if (this.#waitingBytes + size > MAX_WAITING_BYTES)
      return Promise.reject(new InertRefusal('busy', 'too many documents wait'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#waitingBytes += size;
      this.#next();
    });
  }

  /** Ends the threads; what waits is refused. Idempotent. */
  async close(): Promise<void> {
    const closed = this.#pool.close();
    for (const { reject } of this.#waiting.splice(0)) reject(stopping());
    await closed;
  }

  #next(): void {
    while (this.#running < this.#threads && !this.#pool.closed) {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      this.#waitingBytes -= waiting.request.bytes.length;
      this.#run(waiting);
    }
  }

  #run({ request, resolve, reject }: Waiting): void {
    const thread = this.#pool.thread();
    let late = false;
    this.#running += 1;
    const timer = setTimeout(() => {
      late = true;
      void thread.terminate();
    }, this.#timeoutMs);
    const ended = (): void => {
      clearTimeout(timer);
      this.#running -= 1;
      this.#next();
    };
    const task = thread.begin({
      deliver: (message) => {
        // Its thread is being ended: what comes next must not be given to it.
        if (late) return;
        thread.end(task);
        ended();
        if (message.ok) resolve(message);
        else if (message.notInert) reject(new InertRefusal('not-inert', message.message));
        else reject(new Error(message.message));
      },
      // The thread is gone: it took too long, or too much memory, or the pool was closed.
      fail: (message) => {
        ended();
        reject(this.#pool.closed ? stopping() : new InertRefusal(late ? 'too-slow' : 'too-large', message));
      },
    });
    thread.post({ task, ...request });
  }
}
