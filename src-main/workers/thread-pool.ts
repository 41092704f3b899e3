/**
 * Threads that work on tasks, as sealing/ and stamps/ have them. A thread is made when there is work for it, takes several
 * tasks at once, and keeps the process alive only while it has one. A thread that dies fails its tasks and nobody else's.
 */
import { Worker } from 'node:worker_threads';
import type { ResourceLimits, Transferable } from 'node:worker_threads';
import { BroadsideError } from '../../shared/base/errors.ts';

export interface ThreadPoolOptions {
  readonly threads: number;
  readonly workerUrl: URL;
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
  #lastTask = 0;

  constructor({ workerUrl, resourceLimits }: ThreadPoolOptions, onEnd: () => void) {
    this.#worker = new Worker(workerUrl, { ...(resourceLimits && { resourceLimits }) });
    const end = (message: string): void => {
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
    if (this.#tasks.size === 0) this.#worker.unref();
  }

  async terminate(): Promise<void> {
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

export function stopping(): BroadsideError {
  return new BroadsideError('busy', 'The node is stopping. Start it again, then try again.');
}
