/**
 * Reads, hashes and seals files on threads of their own, so that neither the node nor the interface waits for it. A
 * thread works on as many files as there are, a batch at a time and only when one is asked for: who sends slowly holds
 * up nobody, and no more is in memory than was asked for.
 */
import { Worker } from 'node:worker_threads';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { FromThread, SealedBatch, SealFile, ToThread } from './messages.ts';

/** Batches of one file that are made ahead of their use: one that is sent while the next is sealed. */
const BATCHES_AHEAD = 2;

export interface SealingPoolOptions {
  /** Threads: one for every core but one, at least one. */
  readonly threads: number;
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
}

interface Task {
  readonly deliver: (message: FromThread) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly tasks: Map<number, Task>;
}

export class SealingPool {
  readonly #options: SealingPoolOptions;
  #threads: Thread[] = [];
  #lastTask = 0;
  #closed = false;

  constructor(options: SealingPoolOptions) {
    this.#options = options;
  }

  /**
   * Seals a file and hands its batches over, check blocks behind their segments; the next is asked for when `onBatch` has
   * resolved. Resolves with
   * the digest of the plaintext (core/publish/manifest.ts). Throws `usage`, naming the path, for a file that changed or cannot be read; what
   * `onBatch` throws; the signal's reason.
   */
  async seal(
    file: SealFile,
    onBatch: (batch: SealedBatch) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const thread = this.#thread();
    this.#lastTask += 1;
    const task = this.#lastTask;
    const inbox: FromThread[] = [];
    let wake: (() => void) | undefined;
    const ring = (): void => {
      wake?.();
      wake = undefined;
    };
    thread.tasks.set(task, {
      deliver(message) {
        inbox.push(message);
        ring();
      },
    });
    thread.worker.ref();
    signal?.addEventListener('abort', ring);
    const post = (message: ToThread): void => thread.worker.postMessage(message);
    try {
      post({
        type: 'open',
        task,
        absolutePath: file.absolutePath,
        sizeBytes: file.sizeBytes,
        path: file.path,
        key: file.key,
        least: file.least,
      });
      for (let ahead = 0; ahead < BATCHES_AHEAD; ahead += 1) post({ type: 'next', task });
      for (;;) {
        signal?.throwIfAborted();
        const message = inbox.shift();
        if (message === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        if (message.type === 'end') return message.digest;
        if (message.type === 'fault') throw faultError(message.fault, message.message, file.path);
        await onBatch(message);
        post({ type: 'next', task });
      }
    } finally {
      signal?.removeEventListener('abort', ring);
      thread.tasks.delete(task);
      post({ type: 'drop', task });
      if (thread.tasks.size === 0) thread.worker.unref();
    }
  }

  /** Ends the threads; what is under way fails. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = this.#threads;
    this.#threads = [];
    await Promise.all(threads.map((thread) => thread.worker.terminate()));
  }

  /** The least busy thread; a new one while there are fewer than allowed and all have work. */
  #thread(): Thread {
    if (this.#closed) throw new BroadsideError('busy', 'The node is stopping. Start it again, then try again.');
    const least = this.#threads.toSorted((a, b) => a.tasks.size - b.tasks.size)[0];
    if (least !== undefined && (least.tasks.size === 0 || this.#threads.length >= this.#options.threads)) return least;
    const worker = new Worker(this.#options.workerUrl ?? new URL('./worker.ts', import.meta.url));
    const thread: Thread = { worker, tasks: new Map() };
    const end = (message: string): void => {
      this.#threads = this.#threads.filter((other) => other !== thread);
      for (const [task, { deliver }] of thread.tasks) deliver({ type: 'fault', task, fault: 'defect', message });
    };
    worker.on('message', (message: FromThread) => thread.tasks.get(message.task)?.deliver(message));
    worker.on('error', (error) => end(error.message));
    worker.on('exit', () => end('the sealing thread ended'));
    worker.unref();
    this.#threads.push(thread);
    return thread;
  }
}

function faultError(fault: 'changed' | 'unreadable' | 'defect', message: string, path: string): BroadsideError {
  switch (fault) {
    case 'changed':
      return new BroadsideError(
        'usage',
        `${path} changed while it was being published. Wait until nothing writes to it, then publish again.`,
      );
    case 'unreadable':
      return new BroadsideError('usage', `${path} cannot be read: ${message}. Nothing was published.`);
    case 'defect':
      return new BroadsideError('unexpected', `Sealing ${path} failed: ${message}.`);
  }
}
