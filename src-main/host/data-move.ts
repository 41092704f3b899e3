/**
 * Moving the data directory from a window: what is asked for, how it goes and how it ends, for the host to carry out. The host stops the
 * node when `wanted` says so, shows `contract` meanwhile, calls `run` under the directory's lock, and starts a node at what that answers:
 * in the same process (cli/commands/daemon.ts), or in another one (electron/main.ts).
 */
import { isAbsolute } from 'node:path';
import { BroadsideError, toBroadsideError } from '../../shared/base/errors.ts';
import { CALLS } from '../../shared/ipc/contract.ts';
import type { CallName } from '../../shared/ipc/contract.ts';
import type { Move } from '../../shared/ipc/move-calls.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import type { Clock } from '../services/jobs/clock.ts';
import { RateEstimator } from '../services/jobs/rate.ts';
import type { MoveHandlers } from '../services/move/no-move.ts';
import type { Settings } from '../services/settings/settings.ts';
import { freeBytesOf } from './free-bytes.ts';
import type { ContractSource } from './headless/rpc-socket.ts';
import { checkMove, moveData, sizeOfData } from './move-data.ts';

/** As often as jobs tell of their progress. */
const TELL_MS = 250;
/** Longest sentence of an error in the contract (job-model.ts). */
const MAX_MESSAGE = 4096;

export interface DataMoveOptions {
  /** Where it lies. */
  readonly directory: string;
  readonly clock: Clock;
  /** What has to end first; undefined: nothing. */
  readonly obstacle: () => BroadsideError | undefined;
  /** Free bytes of the disk that a path is on; for tests of a full one. */
  readonly freeBytes?: (path: string) => Promise<number>;
}

export class DataMove {
  readonly handlers: MoveHandlers;
  readonly #options: DataMoveOptions;
  readonly #listeners = new Set<(move: Move) => void>();
  #move: Move;
  #wanted = Promise.withResolvers<string>();
  #abort = new AbortController();
  #toldMs = 0;

  constructor(options: DataMoveOptions) {
    this.#options = options;
    this.#move = { state: 'idle', directory: options.directory };
    this.handlers = {
      'move.get': () => this.#move,
      'move.check': ({ to }) => this.#check(to),
      'move.start': ({ to }) => this.#start(to),
      'move.cancel': () => this.#cancel(),
    };
  }

  /** Resolves with the target when the node is to stop. */
  get wanted(): Promise<string> {
    return this.#wanted.promise;
  }

  get view(): Move {
    return this.#move;
  }

  get isUnderWay(): boolean {
    return this.#move.state !== 'idle';
  }

  on(listener: (move: Move) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What windows and commands are shown while it is moved. */
  contract(settings: Settings): ContractSource {
    const busy = (): never => {
      throw new BroadsideError(
        'busy',
        `The data directory is being moved to ${this.#move.to}. Wait until it is there, or cancel it in the settings of the app.`,
      );
    };
    const handlers = Object.fromEntries((Object.keys(CALLS) as CallName[]).map((name) => [name, busy]));
    return {
      handlers: { ...handlers, ...this.handlers, 'config.get': () => settings.all() } as unknown as Handlers,
      on: (name, listener) => (name === 'move' ? this.on(listener as never) : () => undefined),
    };
  }

  /**
   * The node has stopped, and whoever calls this holds the lock of the directory. Resolves with where the node is to start: the old place
   * where it failed or was cancelled, which `move.get` tells from then on. Never rejects.
   */
  async run(signal: AbortSignal): Promise<string> {
    const { directory, to = '' } = this.#move;
    const rate = new RateEstimator(this.#options.clock);
    const { freeBytes } = this.#options;
    try {
      const path = await moveData({
        ...{ from: directory, to, signal: AbortSignal.any([signal, this.#abort.signal]) },
        ...(freeBytes !== undefined && { freeBytes }),
        onProgress: (doneBytes, totalBytes) => {
          rate.note(doneBytes);
          this.#tellProgress(doneBytes, totalBytes, rate);
        },
      });
      this.#set({ state: 'starting', directory: path });
      return path;
    } catch (thrown) {
      this.giveUp(thrown);
      return directory;
    }
  }

  /** It cannot be moved, and everything is where it was. */
  readonly giveUp = (thrown: unknown): void => {
    const { code, message } = toBroadsideError(thrown);
    const problem = code === 'cancelled' ? undefined : { code, message: message.slice(0, MAX_MESSAGE) };
    this.#set({ state: 'starting', directory: this.#move.directory, ...(problem && { problem }) });
  };

  /** The node runs there. */
  arrived(): void {
    this.#wanted = Promise.withResolvers();
    const { state, directory, problem } = this.#move;
    if (state !== 'idle') this.#set({ state: 'idle', directory, ...(problem && { problem }) });
  }

  async #check(to: string | undefined): Promise<{ to: string; sizeBytes: number; freeBytes: number }> {
    const { directory } = this.#move;
    const freeBytes = this.#options.freeBytes ?? freeBytesOf;
    if (to === undefined)
      return { to: directory, sizeBytes: await sizeOfData(directory), freeBytes: await freeBytes(directory) };
    if (!isAbsolute(to)) {
      throw new BroadsideError(
        'usage',
        `${JSON.stringify(to)} is not a whole path. Write it from the root of the disk on, as in ${directory}.`,
      );
    }
    return checkMove(directory, to, freeBytes);
  }

  async #start(target: string): Promise<null> {
    this.#requireIdle();
    const { to } = await this.#check(target);
    // Another window may have asked meanwhile.
    this.#requireIdle();
    this.#abort = new AbortController();
    this.#set({ state: 'stopping', directory: this.#move.directory, to });
    // After what is answered to this is on its way: the node's end cuts whoever asked.
    setImmediate(() => this.#wanted.resolve(to));
    return null;
  }

  #requireIdle(): void {
    if (this.#move.state !== 'idle')
      throw new BroadsideError('busy', 'The data directory is being moved already. Wait for its end.');
    const obstacle = this.#options.obstacle();
    if (obstacle !== undefined) throw obstacle;
  }

  #cancel(): null {
    const { state } = this.#move;
    if (state === 'idle' || state === 'starting')
      throw new BroadsideError('usage', 'Nothing is being moved that could be cancelled.');
    this.#abort.abort(new BroadsideError('cancelled', 'It was cancelled. Everything is where it was.'));
    return null;
  }

  #tellProgress(doneBytes: number, totalBytes: number, rate: RateEstimator): void {
    // The first half of it is copying.
    const state = doneBytes * 2 < totalBytes ? 'copying' : 'checking';
    const nowMs = this.#options.clock.monotonicMs();
    if (state === this.#move.state && nowMs - this.#toldMs < TELL_MS) return;
    this.#toldMs = nowMs;
    const { bytesPerSecond, secondsLeft } = rate.estimate(totalBytes - doneBytes);
    const { directory, to } = this.#move;
    this.#set({
      ...{ state, directory, doneBytes, totalBytes },
      ...(to !== undefined && { to }),
      ...(bytesPerSecond !== undefined && { bytesPerSecond }),
      ...(secondsLeft !== undefined && { secondsLeft }),
    });
  }

  #set(move: Move): void {
    this.#move = move;
    for (const listener of this.#listeners) listener(move);
  }
}
