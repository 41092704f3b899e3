/** The shares of a publication: put in their places, then asked for again as a reader would. */
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Share } from '../../../shared/ipc/model.ts';
import type { Crypto } from '../../core/ports.ts';
import { readSlot } from '../../core/publish/slot.ts';
import type { SlotPlace } from '../../core/publish/slot.ts';
import type { InsertFailure } from '../block-network.ts';
import { throwIfAborted, wait } from '../flow/waiting.ts';
import { insertRecord } from './uploader.ts';
import type { InsertDeps } from './uploader.ts';

/** Times that a share is asked for when nobody has it: copies may still be on their way. A guess. */
const FETCH_BACK_TRIES = 3;
/** Wait between these. A guess. */
const FETCH_BACK_RETRY_MS = 1_000;

/** A place on the circle of keys as a fraction of it: the first 48 bits of the address. */
export function circlePlace(address: Uint8Array): number {
  let value = 0;
  for (let index = 0; index < 6; index += 1) value = value * 256 + address[index]!;
  return value / 2 ** 48;
}

/** Shares before anything is known of their places. */
export function unasked(n: number): Share[] {
  return Array.from({ length: n }, (_, index) => ({ index: index + 1, state: 'unasked' }));
}

/** The states of n shares, changed one at a time and told as a whole. */
export class ShareBoard {
  #shares: Share[];
  readonly #changed: (shares: Share[]) => void;

  constructor(places: readonly SlotPlace[], changed: (shares: Share[]) => void) {
    this.#shares = places.map((place) => ({ index: place.index, state: 'unasked', place: circlePlace(place.address) }));
    this.#changed = changed;
    changed(this.#shares);
  }

  get shares(): readonly Share[] {
    return this.#shares;
  }

  count(state: Share['state']): number {
    return this.#shares.filter((share) => share.state === state).length;
  }

  set(index: number, state: Share['state'], afterMs?: number): void {
    this.#shares = this.#shares.map((share) =>
      share.index === index ? { ...share, state, ...(afterMs === undefined ? {} : { afterMs }) } : share,
    );
    this.#changed(this.#shares);
  }
}

/** Inserts every slot; resolves with what those failed of that could not be placed. Rejects only by the signal. */
export async function placeSlots(
  deps: InsertDeps,
  slots: readonly { readonly place: SlotPlace; readonly record: Uint8Array }[],
  board: ShareBoard,
  signal: AbortSignal,
): Promise<InsertFailure[]> {
  const failures: InsertFailure[] = [];
  await Promise.all(
    slots.map(async ({ place, record }) => {
      board.set(place.index, 'moving');
      const startedMs = deps.clock.monotonicMs();
      const outcome = await insertRecord(deps, record, 'interactive', signal, () => {
        board.set(place.index, 'moving', deps.clock.monotonicMs() - startedMs);
      });
      board.set(place.index, outcome.ok ? 'found' : 'missing', deps.clock.monotonicMs() - startedMs);
      if (!outcome.ok) failures.push(outcome.code);
    }),
  );
  return failures;
}

/** Asks for every slot past this node's own store, and checks each with the link alone. Rejects only by the signal. */
export async function fetchBackSlots(
  deps: InsertDeps & { readonly crypto: Crypto },
  link: PublicationLink,
  places: readonly SlotPlace[],
  board: ShareBoard,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    places.map(async (place) => {
      board.set(place.index, 'moving');
      const startedMs = deps.clock.monotonicMs();
      let state: Share['state'] = 'missing';
      for (let tries = 1; tries <= FETCH_BACK_TRIES; tries += 1) {
        if (tries > 1) await wait(deps.clock, FETCH_BACK_RETRY_MS, signal);
        const outcome = await deps.network.request(place.address, {
          kind: 'slot',
          priority: 'interactive',
          skipOwn: true,
          signal,
        });
        throwIfAborted(signal);
        if (!outcome.ok) continue;
        state = readSlot(deps.crypto, link, place, outcome.record).ok ? 'found' : 'bad';
        break;
      }
      board.set(place.index, state, deps.clock.monotonicMs() - startedMs);
    }),
  );
}

/** How many of these content blocks the network has, past this node's own store. Rejects only by the signal. */
export async function fetchBackBlocks(
  deps: InsertDeps,
  addresses: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<number> {
  let found = 0;
  await Promise.all(
    addresses.map(async (address) => {
      for (let tries = 1; tries <= FETCH_BACK_TRIES; tries += 1) {
        if (tries > 1) await wait(deps.clock, FETCH_BACK_RETRY_MS, signal);
        const outcome = await deps.network.request(address, {
          kind: 'content',
          priority: 'bulk',
          skipOwn: true,
          signal,
        });
        throwIfAborted(signal);
        if (!outcome.ok) continue;
        found += 1;
        return;
      }
    }),
  );
  return found;
}

/** A uniform sample of a stream of unknown length (Vitter's algorithm R). */
export class Sample {
  readonly items: Uint8Array[] = [];
  readonly #size: number;
  readonly #below: (bound: number) => number;
  #seen = 0;

  constructor(size: number, below: (bound: number) => number) {
    this.#size = size;
    this.#below = below;
  }

  note(item: Uint8Array): void {
    this.#seen += 1;
    if (this.items.length < this.#size) {
      this.items.push(item);
    } else {
      const position = this.#below(this.#seen);
      if (position < this.#size) this.items[position] = item;
    }
  }
}
