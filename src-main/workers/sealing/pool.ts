/**
 * Reads, hashes and seals files on threads of their own, so that neither the node nor the interface waits for it. A
 * thread works on as many files as there are, a batch at a time and only when one is asked for: who sends slowly holds
 * up nobody, and no more is in memory than was asked for.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { runSteps, ThreadPool } from '../thread-pool.ts';
import type { FromThread, HashFile, SealedBatch, SealFile, ToThread } from './messages.ts';

/** Batches of one file that are made ahead of their use: one that is sent while the next is sealed. */
const BATCHES_AHEAD = 2;

export interface SealingPoolOptions {
  /** Threads: one for every core but one, at least one. */
  readonly threads: number;
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
}

export class SealingPool {
  readonly #pool: ThreadPool<ToThread, FromThread>;

  constructor({ threads, workerUrl }: SealingPoolOptions) {
    this.#pool = new ThreadPool({ threads, workerUrl: workerUrl ?? new URL('./worker.ts', import.meta.url) });
  }

  /**
   * Seals a file and hands its batches over, check blocks behind their segments; the next is asked for when `onBatch` has
   * resolved. Resolves with
   * the digest of the plaintext (core/publish/manifest.ts). Throws `usage`, naming the path, for a file that changed or cannot be read; what
   * `onBatch` throws; the signal's reason.
   */
  seal(file: SealFile, onBatch: (batch: SealedBatch) => Promise<void>, signal?: AbortSignal): Promise<Uint8Array> {
    const { absolutePath, sizeBytes, path, key, least } = file;
    return this.#run(
      (task) => ({ type: 'open', task, absolutePath, sizeBytes, path, key, least }),
      path,
      onBatch,
      signal,
    );
  }

  /** The digest of a file, as `seal` gives it, without sealing; `onBytes` is told of what was read. Throws likewise. */
  hash(file: HashFile, onBytes: (sizeBytes: number) => void, signal?: AbortSignal): Promise<Uint8Array> {
    const { absolutePath, sizeBytes, path } = file;
    const onBatch = async ({ plaintextBytes }: SealedBatch): Promise<void> => onBytes(plaintextBytes);
    return this.#run((task) => ({ type: 'hash', task, absolutePath, sizeBytes, path }), path, onBatch, signal);
  }

  async #run(
    open: (task: number) => ToThread,
    path: string,
    onBatch: (batch: SealedBatch) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    let digest: Uint8Array | undefined;
    await runSteps<ToThread, FromThread>(this.#pool, {
      begin: open,
      ahead: BATCHES_AHEAD,
      signal,
      died: (message) => faultError('defect', message, path),
      take: async (message) => {
        if (message.type === 'fault') throw faultError(message.fault, message.message, path);
        if (message.type === 'batch') await onBatch(message);
        else digest = message.digest;
        return message.type === 'end';
      },
    });
    return digest!;
  }

  /** Ends the threads; what is under way fails. Idempotent. */
  close(): Promise<void> {
    return this.#pool.close();
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
