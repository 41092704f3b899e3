/**
 * Threads that work on tasks, as sealing/ and stamps/ have them. A thread is made when there is work for it, takes several
 * tasks at once, keeps the process alive only while it has one, and ends when it has had none for a while. A thread that dies
 * fails its tasks and nobody else's.
 */
import { Worker } from 'node:worker_threads';
import type { ResourceLimits, Transferable } from 'node:worker_threads';
import { BroadsideError } from '../../shared/base/errors.ts';

/** A thread holds 15 MB and more of what it worked on, and takes 60 ms of a processor to start. A guess: who reads on has turned a page. */
export const IDLE_THREAD_MS = 60_000;

export interface ThreadPoolOptions {
  readonly threads: number;
  readonly workerUrl: URL;
  /** IDLE_THREAD_MS when undefined. */
  readonly idleMs?: number;
  /** What a thread may hold; one that needs more dies. */
  readonly resourceLimits?: ResourceLimits;
}

/** What becomes of a task. */
export interface TaskReceiver<From> {
  deliver(message: From): void;
  /** The thread died; nothing more comes. */
  fail(message: string): void;
}

/** Messages to the thread and from it name the task that they belong to. */
export class PoolThread<To extends { readonly task: number }, From extends { readonly task: number }> {
  readonly #worker: Worker;
  readonly #tasks = new Map<number, TaskReceiver<From>>();
  readonly #idleMs: number;
  readonly #onEnd: () => void;
  #idle: NodeJS.Timeout | undefined;
  #lastTask = 0;

  constructor({ workerUrl, resourceLimits, idleMs }: ThreadPoolOptions, onEnd: () => void) {
    this.#worker = new Worker(workerUrl, { ...(resourceLimits && { resourceLimits }) });
    this.#idleMs = idleMs ?? IDLE_THREAD_MS;
    this.#onEnd = onEnd;
    const end = (message: string): void => {
      clearTimeout(this.#idle);
      onEnd();
      const tasks = [...this.#tasks.values()];
      this.#tasks.clear();
      for (const task of tasks) task.fail(message);
    };
    this.#worker.on('message', (message: From) => this.#tasks.get(message.task)?.deliver(message));
    this.#worker.on('error', (error) => end(error.message));
    this.#worker.on('exit', () => end('its thread ended'));
    this.#worker.unref();
  }

  /** Tasks that have begun and not ended. */
  get load(): number {
    return this.#tasks.size;
  }

  /** The number of a new task. Whoever begins a task ends it. */
  begin(receiver: TaskReceiver<From>): number {
    clearTimeout(this.#idle);
    this.#lastTask += 1;
    this.#tasks.set(this.#lastTask, receiver);
    this.#worker.ref();
    return this.#lastTask;
  }

  post(message: To, transfers: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transfers);
  }

  end(task: number): void {
    this.#tasks.delete(task);
    if (this.#tasks.size > 0) return;
    this.#worker.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      // Nobody is given it any more.
      this.#onEnd();
      void this.terminate();
    }, this.#idleMs).unref();
  }

  async terminate(): Promise<void> {
    clearTimeout(this.#idle);
    await this.#worker.terminate();
  }
}

export class ThreadPool<To extends { readonly task: number }, From extends { readonly task: number }> {
  readonly #options: ThreadPoolOptions;
  #threads: PoolThread<To, From>[] = [];
  #closed = false;

  constructor(options: ThreadPoolOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The thread with the fewest tasks; a new one while there are fewer than allowed and each has `enough` of them. */
  thread(enough = 1): PoolThread<To, From> {
    if (this.#closed) throw stopping();
    const least = this.#threads.toSorted((a, b) => a.load - b.load)[0];
    if (least !== undefined && (least.load < enough || this.#threads.length >= this.#options.threads)) return least;
    const thread = new PoolThread<To, From>(this.#options, () => {
      this.#threads = this.#threads.filter((other) => other !== thread);
    });
    this.#threads.push(thread);
    return thread;
  }

  /** Ends the threads; what is under way fails. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** What a task that works by steps is asked, besides how it begins. */
export interface StepRequest {
  readonly type: 'next' | 'drop';
  readonly task: number;
}

export interface StepsOptions<To, From> {
  readonly begin: (task: number) => To;
  /** Steps that are asked for ahead of their use: one that is used while the next is made. */
  readonly ahead: number;
  /** Takes one message; the next step is asked for when it has resolved. True: it was the last. */
  readonly take: (message: From) => Promise<boolean>;
  /** What is thrown when the thread died. */
  readonly died: (message: string) => BroadsideError;
  readonly signal?: AbortSignal | undefined;
}

/** Runs one task step by step, so that no more is in memory than was asked for. Throws what `take` throws, and the signal's reason. */
export async function runSteps<To extends { readonly task: number }, From extends { readonly task: number }>(
  pool: ThreadPool<To | StepRequest, From>,
  { begin, ahead, take, died, signal }: StepsOptions<To, From>,
): Promise<void> {
  signal?.throwIfAborted();
  const thread = pool.thread();
  const inbox: From[] = [];
  let death: BroadsideError | undefined;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    wake?.();
    wake = undefined;
  };
  const task = thread.begin({
    deliver: (message) => {
      inbox.push(message);
      ring();
    },
    fail: (message) => {
      death = died(message);
      ring();
    },
  });
  signal?.addEventListener('abort', ring);
  try {
    thread.post(begin(task));
    for (let count = 0; count < ahead; count += 1) thread.post({ type: 'next', task });
    for (;;) {
      signal?.throwIfAborted();
      const message = inbox.shift();
      if (message !== undefined) {
        if (await take(message)) return;
        thread.post({ type: 'next', task });
        continue;
      }
      if (death !== undefined) throw death;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener('abort', ring);
    thread.post({ type: 'drop', task });
    thread.end(task);
  }
}

export function stopping(): BroadsideError {
  return new BroadsideError('busy', 'The node is stopping. Start it again, then try again.');
}
