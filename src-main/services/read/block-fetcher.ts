/** Content blocks by address, from what was opened before or from the network, verified here again whatever the source. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { encodeRecord, KIND_CONTENT, verifyRecord } from '../../core/wire/record.ts';
import type { BlockStore, Crypto, LinearCombiner, Random } from '../../core/ports.ts';
import type { BlockNetwork, Priority, RequestFailure } from '../block-network.ts';
import type { Clock } from '../jobs/clock.ts';
import { throwIfAborted, wait } from '../flow/waiting.ts';
import type { Window } from '../flow/window.ts';
import { Hedging } from './hedging.ts';

/** What every part of reading needs from outside. */
export interface ReadDeps {
  readonly network: BlockNetwork;
  readonly crypto: Crypto;
  readonly combiner: LinearCombiner;
  readonly random: Random;
  readonly clock: Clock;
  /** Content blocks of what was opened, so that reading it again costs no network. Never served to others. */
  readonly opened?: BlockStore;
  /** Told of blocks that nobody had and that were made anew, to be put back (healer.ts). */
  readonly heal?: (address: Uint8Array, payload: Uint8Array) => void;
  /** Neighbours now; zero makes a failure 'offline' instead of 'no-route'. */
  readonly neighbours?: () => number;
}

/** Tries of one block before the read fails: other neighbours, other timing. Guess. */
export const MAX_TRIES = 5;
/** Of these, tries that may end in 'not found': it is a final answer, and only copies in motion change it. Guess. */
export const MAX_NOT_FOUND_TRIES = 3;
/** Tries of a block that other blocks can replace, once it did not come or was not whole. Guess. */
const MAX_REPLACEABLE_TRIES = 2;
/** Wait before the second try; doubled for each further one, with up to half of it added at random. Guess. */
export const RETRY_AFTER_MS = 250;
/** Blocks on their way to the store of opened ones; beyond it reading waits for the disk. */
const MAX_PENDING_KEEPS = 64;

export interface FetchOptions {
  readonly priority: Priority;
  readonly signal?: AbortSignal | undefined;
  /** Told how the network fares. */
  readonly window?: Window | undefined;
  /** Others can be asked for in its place: one 'not found' is enough, and two answers that did not come or were damaged. */
  readonly replaceable?: boolean;
}

export class BlockFetcher {
  readonly #deps: ReadDeps;
  readonly #skipOwn: boolean;
  readonly #keepsNew: boolean;
  readonly #keeps = new Set<Promise<unknown>>();
  readonly hedging: Hedging;

  /**
   * `skipOwn`: answered neither from what was opened nor by this node itself, to see what others would get, and nothing is
   * kept. `keep` false: looked for among what was opened, but not added to it. `hedge` false: slow blocks are waited for.
   */
  constructor(
    deps: ReadDeps,
    options: { readonly skipOwn?: boolean; readonly keep?: boolean; readonly hedge?: boolean | undefined } = {},
  ) {
    this.#deps = deps;
    this.#skipOwn = options.skipOwn ?? false;
    this.hedging = new Hedging(options.hedge);
    this.#keepsNew = !this.#skipOwn && (options.keep ?? true);
  }

  /**
   * The payload of a content block (a view, not to be changed). `what` names it in errors: "block 3 of “notes.txt”".
   * Throws BroadsideError: not-found, no-route, busy, damaged or cancelled.
   */
  async fetch(address: Uint8Array, what: string, options: FetchOptions): Promise<Uint8Array> {
    const { priority, signal, window, replaceable = false } = options;
    throwIfAborted(signal);
    const kept = this.#skipOwn ? undefined : await this.#deps.opened?.get(address);
    if (kept !== undefined) {
      const payload = this.#verified(kept, address);
      if (payload !== undefined) return payload;
    }
    let notFound = 0;
    let last: RequestFailure | 'damaged' = 'not-found';
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      throwIfAborted(signal);
      const outcome = await this.#deps.network.request(address, {
        kind: 'content',
        priority,
        ...(signal === undefined ? {} : { signal }),
        ...(this.#skipOwn ? { skipOwn: true } : {}),
      });
      throwIfAborted(signal);
      if (outcome.ok) {
        const payload = this.#verified(outcome.record, address);
        if (payload !== undefined) {
          this.hedging.note(outcome.afterMs);
          if (tries === 1) window?.grow();
          await this.#put(address, outcome.record);
          return payload;
        }
        last = 'damaged';
      } else {
        last = outcome.code;
        if (last === 'busy' || last === 'timeout') window?.shrink();
        if (last === 'busy' || last === 'no-route') this.hedging.refused();
        if (last === 'not-found') {
          notFound += 1;
          if (replaceable || notFound >= MAX_NOT_FOUND_TRIES) break;
        }
      }
      if (replaceable && tries >= MAX_REPLACEABLE_TRIES && (last === 'timeout' || last === 'damaged')) break;
      if (tries < MAX_TRIES) {
        const pauseMs = RETRY_AFTER_MS * 2 ** (tries - 1);
        await wait(this.#deps.clock, pauseMs + this.#deps.random.below(Math.ceil(pauseMs / 2)), signal);
      }
    }
    throw blockFailure(last, what);
  }

  #verified(record: Uint8Array, address: Uint8Array): Uint8Array | undefined {
    const checked = verifyRecord(this.#deps.crypto, record, address);
    if (!checked.ok || checked.value.record.kind !== KIND_CONTENT) return undefined;
    return checked.value.record.payload;
  }

  /** Keeps a content block that was made anew as one that was fetched is kept. */
  async keep(address: Uint8Array, payload: Uint8Array): Promise<void> {
    await this.#put(address, encodeRecord({ kind: KIND_CONTENT, payload }));
  }

  async #put(address: Uint8Array, record: Uint8Array): Promise<void> {
    const { opened } = this.#deps;
    if (opened === undefined || !this.#keepsNew) return;
    // A store that fails or is full must not keep anybody from reading.
    const keep: Promise<unknown> = opened
      .put({ address, record, kind: 'content', place: 'cache' })
      .catch(() => undefined)
      .finally(() => this.#keeps.delete(keep));
    this.#keeps.add(keep);
    if (this.#keeps.size > MAX_PENDING_KEEPS) await Promise.race(this.#keeps);
  }
}

function blockFailure(code: RequestFailure | 'damaged', what: string): BroadsideError {
  switch (code) {
    case 'damaged':
      return new BroadsideError(
        'damaged',
        `What came for ${what} failed its check, from every source asked. Try again later.`,
      );
    case 'busy':
      return new BroadsideError('busy', `The nodes that could fetch ${what} are busy. Try again in a minute.`);
    case 'no-route':
      return new BroadsideError(
        'no-route',
        `No neighbour could pass on the request for ${what}. See whether the node is connected, then try again.`,
      );
    case 'cancelled':
      return new BroadsideError('cancelled', 'It was cancelled.');
    case 'timeout':
      return new BroadsideError(
        'not-found',
        `Nobody answered in time for ${what}. Try again later: the nodes that hold it may be away.`,
      );
    case 'not-found':
      return new BroadsideError(
        'not-found',
        `No node has ${what}. Try again later: the nodes that hold it may be away.`,
      );
  }
}
