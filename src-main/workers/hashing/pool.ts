/**
 * Walks shared folders and hashes their files on threads of their own, so that neither the node nor the interface waits for it. A
 * step is made when one is asked for: who takes them slowly slows the reading down.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { runSteps, ThreadPool } from '../thread-pool.ts';
import type { FromThread, HashRequest, HashStep, StoreRequest, ToThread, WalkRequest, WalkStep } from './messages.ts';

/** Steps made ahead of their use: one that is used while the next is made. */
const STEPS_AHEAD = 2;

export interface HashingPoolOptions {
  readonly threads: number;
  /** The thread's program, for hosts that bundle it elsewhere. */
  readonly workerUrl?: URL;
}

export class HashingPool {
  readonly #pool: ThreadPool<ToThread, FromThread>;

  constructor({ threads, workerUrl }: HashingPoolOptions) {
    this.#pool = new ThreadPool({ threads, workerUrl: workerUrl ?? new URL('./worker.ts', import.meta.url) });
  }

  /** Tells what is in a folder, directory by directory, each before those in it. Throws the signal's reason. */
  walk({ ...request }: WalkRequest, onStep: (step: WalkStep) => void, signal?: AbortSignal): Promise<void> {
    return this.#run((task) => ({ type: 'walk', task, ...request }), onStep, signal);
  }

  /** Tells what came of each file, in order; the next step is read when `onStep` has resolved. Throws the signal's reason. */
  hash(
    { root, paths }: HashRequest,
    onStep: (step: HashStep) => Promise<void> | void,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#run((task) => ({ type: 'hash', task, root, paths }), onStep, signal);
  }

  /** Checks a chunk and writes it; `bad`: it was not written. Throws what the disk says, with its code. */
  readonly store = ({ ...request }: StoreRequest): Promise<'stored' | 'bad'> => {
    const thread = this.#pool.thread();
    return new Promise((resolve, reject) => {
      const task = thread.begin({
        deliver: (message) => {
          thread.end(task);
          if (message.type === 'stored') resolve(message.outcome);
          else if (message.type === 'unwritten')
            reject(Object.assign(new Error(message.message), { code: message.code }));
        },
        fail: (message) => reject(fault(message)),
      });
      thread.post({ type: 'store', task, ...request });
    });
  };

  #run<Step extends HashStep | WalkStep>(
    begin: (task: number) => ToThread,
    onStep: (step: Step) => Promise<void> | void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    return runSteps<ToThread, FromThread>(this.#pool, {
      begin,
      ahead: STEPS_AHEAD,
      signal,
      died: fault,
      take: async (message) => {
        if (message.type === 'fault') throw fault(message.message);
        // A task gives steps of the one kind that it was begun for.
        if (message.type !== 'end') await onStep(message as unknown as Step);
        return message.type === 'end';
      },
    });
  }

  /** Ends the threads; what is under way fails. Idempotent. */
  close(): Promise<void> {
    return this.#pool.close();
  }
}

function fault(message: string): BroadsideError {
  return new BroadsideError('unexpected', `Looking through a shared folder failed: ${message}.`);
}
