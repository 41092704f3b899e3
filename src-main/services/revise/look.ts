/** What all slots of one edition say at once: for who may change them and so has to see each, not only k. */
import { compareBytes } from '../../../shared/base/bytes.ts';
import type { Share } from '../../../shared/ipc/model.ts';
import { readSlot, slotPlaces } from '../../core/publish/slot.ts';
import type { SlotContents, SlotExpectation, SlotPlace, SlotSource } from '../../core/publish/slot.ts';
import { rankOf } from '../../core/wire/record.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { gatherFailure } from '../read/gather-failure.ts';
import { SlotRequests } from '../read/slot-requests.ts';
import { explainLinkProblem } from '../../../shared/base/links.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { RequestFailure } from '../block-network.ts';
import { shuffled } from '../read/share-combinations.ts';

/** How often the slots that are waited for are told again. As often as job events go out. */
const TELL_EVERY_MS = 250;

export interface SeenSlot extends SlotContents {
  readonly index: number;
  readonly record: Uint8Array;
}

export interface SlotLook {
  readonly places: readonly SlotPlace[];
  /** Those that came and are signed by the author, by index. */
  readonly slots: ReadonlyMap<number, SeenSlot>;
  /** The one with the highest version; undefined when none came. */
  readonly newest: SeenSlot | undefined;
  readonly failures: Readonly<Record<RequestFailure, number>>;
}

export interface LookOptions {
  /** Slots below which those that failed are asked again. 0: to see whether there are any, once is enough. */
  readonly enough: number;
  readonly signal: AbortSignal;
  /** Past this node's own store. */
  readonly skipOwn?: boolean;
  readonly onShares?: (shares: Share[]) => void;
}

/** Throws `bad-link` for a document key that is none; rejects when aborted. What is missing is a result. */
export async function lookAtSlots(
  deps: ReadDeps,
  source: SlotSource & SlotExpectation,
  { enough, signal, skipOwn = false, onShares }: LookOptions,
): Promise<SlotLook> {
  const places = slotPlaces(deps.crypto, source);
  if (places === undefined) throw new BroadsideError('bad-link', explainLinkProblem('impossible', ''));
  const slots = new Map<number, SeenSlot>();
  let newest: SeenSlot | undefined;
  const requests = new SlotRequests({
    network: deps.network,
    clock: deps.clock,
    addresses: places.map((place) => place.address),
    order: shuffled(
      places.map((place) => place.index),
      deps.random,
    ),
    signal,
    skipOwn,
  });
  try {
    requests.ask(places.length);
    for (;;) {
      onShares?.(requests.shares());
      const answer = await requests.next(TELL_EVERY_MS);
      if (answer === undefined) {
        if (requests.inFlight > 0) continue;
        if (slots.size >= enough || (await requests.retryFailed()) === 0) break;
        continue;
      }
      if (!answer.ok) continue;
      const { index, record } = answer;
      const read = readSlot(deps.crypto, source, places[index - 1]!, record);
      requests.mark(index, read.ok ? 'found' : 'bad');
      if (!read.ok) continue;
      const seen = { ...read.value, index, record };
      slots.set(index, seen);
      if (newest === undefined || compareBytes(rankOf(seen.version), rankOf(newest.version)) > 0) newest = seen;
    }
    onShares?.(requests.shares());
    return { places, slots, newest, failures: requests.failures() };
  } finally {
    requests.close();
  }
}

/** Why nothing can be done with what was seen: there is none, or nobody could be asked. */
export function lookFailure(deps: ReadDeps, k: number, look: SlotLook): BroadsideError {
  const missing = Object.values(look.failures).reduce((sum, count) => sum + count, 0);
  return gatherFailure({
    k,
    n: look.places.length,
    good: look.slots.size,
    // What neither came nor failed was signed by somebody else.
    badSlots: look.places.map(({ index }) => index).slice(0, look.places.length - missing - look.slots.size),
    shareIndices: [...look.slots.keys()],
    failures: look.failures,
    neighbours: deps.neighbours?.(),
  });
}
