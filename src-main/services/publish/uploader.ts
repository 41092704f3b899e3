/** Sends records into the network, as many at once as it takes well, and again what did not arrive. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import type { Random } from '../../core/ports.ts';
import type { BlockNetwork, InsertFailure, InsertOutcome, Priority } from '../block-network.ts';
import type { Clock } from '../jobs/clock.ts';
import { throwIfAborted, wait, within } from '../flow/waiting.ts';
import { Window } from '../flow/window.ts';

/** Times that one record is handed to the network, which tries several neighbours each time. A guess. */
export const MAX_INSERT_TRIES = 5;
/** Wait before the second try; doubled for each further one, with up to half of it added at random. A guess. */
export const INSERT_RETRY_MS = 500;

export interface InsertDeps {
  readonly network: BlockNetwork;
  readonly clock: Clock;
  readonly random: Random;
  /** Neighbours now; none makes a failure 'offline' instead of 'no-route'. */
  readonly neighbours?: () => number;
}

/** Inserts one record with tries of its own; rejects only when the signal aborts. `onRetry` counts what was sent again. */
export async function insertRecord(
  deps: InsertDeps,
  record: Uint8Array,
  priority: Priority,
  signal: AbortSignal,
  onRetry: (count: number, code: InsertFailure | undefined) => void,
): Promise<InsertOutcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await deps.network.insert(record, { priority, signal });
    throwIfAborted(signal);
    if (outcome.retries > 0) onRetry(outcome.retries, undefined);
    if (outcome.ok || tries === MAX_INSERT_TRIES) return outcome;
    onRetry(1, outcome.code);
    const pauseMs = INSERT_RETRY_MS * 2 ** (tries - 1);
    await wait(deps.clock, pauseMs + deps.random.below(pauseMs / 2), signal);
  }
}

/** What an insert that failed for good means to who publishes. `what` begins the sentence: "A block". */
export function insertError(deps: InsertDeps, code: InsertFailure, what: string): BroadsideError {
  switch (code) {
    case 'no-route':
      return deps.neighbours?.() === 0
        ? new BroadsideError(
            'offline',
            `${what} could not be sent: this node has no neighbours. Check the connection, then publish again.`,
          )
        : new BroadsideError(
            'no-route',
            `${what} could not be sent: no neighbour could pass it on. See whether the node is connected, then publish again.`,
          );
    case 'busy':
    case 'timeout':
      return new BroadsideError(
        'busy',
        `${what} could not be placed: the nodes that should hold it are busy or silent. Try again in some minutes.`,
      );
    case 'full':
      return new BroadsideError(
        'no-space',
        `${what} could not be placed: the nodes that should hold it have no room. Try again later.`,
      );
    case 'cancelled':
      return new BroadsideError('cancelled', 'It was cancelled.');
  }
}

export interface UploadProgress {
  readonly sent: number;
  readonly retried: number;
}

/** Blocks of one publication on their way. */
export class Uploader {
  readonly #deps: InsertDeps;
  /** Ends what is on its way when one record cannot be placed, or the job is cancelled. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #onProgress: (progress: UploadProgress) => void;
  readonly #paused: () => Promise<void> | undefined;
  readonly #window = new Window();
  readonly #sending = new Set<Promise<void>>();
  #failure: BroadsideError | undefined;
  #sent = 0;
  #retried = 0;

  /** `paused`: while it answers a promise nothing more is sent, until that resolves. */
  constructor(
    deps: InsertDeps,
    signal: AbortSignal,
    onProgress: (progress: UploadProgress) => void,
    paused: () => Promise<void> | undefined = () => undefined,
  ) {
    this.#deps = deps;
    this.#paused = paused;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
    this.#onProgress = onProgress;
  }

  /**
   * Resolves when the record has a place in the window, not when it has arrived: so no more is held than the window.
   * Throws what an earlier record failed with. `onArrived` is called when the network has acknowledged it.
   */
  async send(record: Uint8Array, onArrived?: () => void): Promise<void> {
    await this.unpaused();
    await this.#window.take(this.#signal);
    if (this.#failure !== undefined) {
      this.#window.give();
      throw this.#failure;
    }
    const sending: Promise<void> = this.#send(record, onArrived)
      .catch((thrown: unknown) => {
        this.#failure ??= toBroadsideError(thrown);
        this.#stop.abort(this.#failure);
      })
      .finally(() => {
        this.#window.give();
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  /** Resolves when it is not paused. */
  async unpaused(): Promise<void> {
    for (let pause = this.#paused(); pause !== undefined; pause = this.#paused()) await within(pause, this.#signal);
  }

  /** Resolves when everything has arrived; throws what the first failure was. */
  async drain(): Promise<void> {
    while (this.#sending.size > 0) await Promise.race(this.#sending);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when nothing is on its way any more, whatever became of it. */
  async settled(): Promise<void> {
    await Promise.all(this.#sending);
  }

  async #send(record: Uint8Array, onArrived: (() => void) | undefined): Promise<void> {
    let clean = true;
    const outcome = await insertRecord(this.#deps, record, 'bulk', this.#signal, (count, code) => {
      clean = false;
      if (code === 'busy' || code === 'timeout') this.#window.shrink();
      this.#retried += count;
      this.#report();
    });
    if (!outcome.ok) throw insertError(this.#deps, outcome.code, 'A block');
    if (clean) this.#window.grow();
    onArrived?.();
    this.#sent += 1;
    this.#report();
  }

  #report(): void {
    this.#onProgress({ sent: this.#sent, retried: this.#retried });
  }
}
