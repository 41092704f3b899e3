import { toHex } from '../../../shared/base/bytes.ts';
import { publicPrefix } from '../../../shared/base/ipv4.ts';
import {
  ATTACH_REST_MS,
  CLOCK_SKEW_MINUTES,
  HUB_RECORD_SECONDS,
  MAX_HUB_CHECKS_A_MINUTE,
  MAX_HUB_RECORDS,
  MAX_HUB_RECORDS_OF_MESSAGE,
  MAX_HUB_RECORDS_OF_PREFIX,
} from '../limits.ts';
import { verifyHubRecord } from '../wire/hub-record.ts';
import type { HubRecord } from '../wire/hub-record.ts';
import type { SearchPeer } from './peers.ts';
import type { SearchParts } from './parts.ts';

/**
 * Hubs that this node knows, each by its own signed word: nobody is dialled because somebody else named it. Bounded by
 * MAX_HUB_RECORDS; at the bound the oldest leaves.
 */
export class HubRecords {
  readonly #parts: SearchParts;
  readonly #ownKey: string;
  /** In the order in which they were learned. */
  readonly #byKey = new Map<string, Known>();

  constructor(parts: SearchParts) {
    this.#parts = parts;
    this.#ownKey = toHex(parts.keyPair.publicKey);
  }

  /** Remembered, those that are not believed any more included. */
  get size(): number {
    return this.#byKey.size;
  }

  /** Believed now. */
  get count(): number {
    let count = 0;
    for (const known of this.#known()) if (!known.isDoubted && this.#isFresh(known)) count += 1;
    return count;
  }

  /** False when the record is forged: counted against who told it. */
  learn(from: SearchPeer, record: HubRecord): boolean {
    const key = toHex(record.contact.publicKey);
    const known = this.#byKey.get(key);
    if (key === this.#ownKey || (known !== undefined && known.record.madeSeconds >= record.madeSeconds)) return true;
    if (!this.#currentNow()(record) || !this.#mayCheck(from)) return true;
    const { context, networkId } = this.#parts;
    if (!verifyHubRecord(context.crypto, networkId, record)) return false;
    // Of a neighbour its own link tells where it is; others have a hint, and only so many of one block of addresses.
    if (known === undefined && this.#isCrowded(record)) return true;
    this.#byKey.delete(key);
    this.#byKey.set(key, {
      ...{ key, record },
      heardMs: context.now(),
      restUntilMs: known?.restUntilMs ?? 0,
      isDoubted: false,
    });
    if (this.#byKey.size > MAX_HUB_RECORDS) this.#byKey.delete(this.#byKey.keys().next().value!);
    return true;
  }

  forget(key: string): void {
    this.#byKey.delete(key);
  }

  /** It has no room: it is not asked again for a while. */
  rest(key: string): void {
    const known = this.#byKey.get(key);
    const { context, network } = this.#parts;
    // Practice networks look every second, and are small: there may be no others.
    const restMs = Math.min(ATTACH_REST_MS, REST_LOOKS * network.searchLookMs);
    if (known !== undefined) known.restUntilMs = context.now() + restMs;
  }

  /** It did not answer: nobody counts on its room until it says again that it is there. */
  doubt(key: string): void {
    this.rest(key);
    const known = this.#byKey.get(key);
    if (known !== undefined) known.isDoubted = true;
  }

  /** Those that are hubs now, as far as is known. */
  current(): HubRecord[] {
    return this.#known().flatMap((known) => (known.isDoubted || !this.#isFresh(known) ? [] : [known.record]));
  }

  /** Those that may be asked now, in random order; who did not answer once may have been busy. */
  toAsk(): HubRecord[] {
    const { random, now } = this.#parts.context;
    const some = this.#known().filter((known) => known.restUntilMs <= now() && this.#isFresh(known));
    for (let index = some.length - 1; index > 0; index -= 1) {
      const other = random.below(index + 1);
      [some[index], some[other]] = [some[other]!, some[index]!];
    }
    return some.map(({ record }) => record);
  }

  /** For telling: those that were learned last, and as many others at random; also that one is a hub no more. */
  some(except: string): HubRecord[] {
    const { random } = this.#parts.context;
    const all: HubRecord[] = [];
    for (const known of this.#known())
      if (!known.isDoubted && known.key !== except && !this.#isOld(known)) all.push(known.record);
    const told = all.slice(-MAX_HUB_RECORDS_OF_MESSAGE / 2);
    const others = all.slice(0, all.length - told.length);
    while (told.length < MAX_HUB_RECORDS_OF_MESSAGE && others.length > 0)
      told.push(...others.splice(random.below(others.length), 1));
    return told;
  }

  /** In the order in which they were learned; those that no clock would let pass go. */
  #known(): Known[] {
    const isCurrent = this.#currentNow();
    const all: Known[] = [];
    for (const known of this.#byKey.values()) {
      if (isCurrent(known.record)) all.push(known);
      else this.#byKey.delete(known.key);
    }
    return all;
  }

  #isFresh(known: Known): boolean {
    return !isRetraction(known.record) && !this.#isOld(known);
  }

  /** Hubs make their records anew (roles.ts): one of which nothing was heard for so long is gone. */
  #isOld({ heardMs }: Known): boolean {
    const { context, network } = this.#parts;
    return context.now() - heardMs > RECORD_LOOKS * network.searchLookMs;
  }

  /** Whether the clock of this moment lets a record pass. */
  #currentNow(): (record: HubRecord) => boolean {
    const nowSeconds = Math.floor(this.#parts.context.wallMs() / 1_000);
    const skewSeconds = CLOCK_SKEW_MINUTES * 60;
    const [after, until] = [nowSeconds - HUB_RECORD_SECONDS - skewSeconds, nowSeconds + skewSeconds];
    return ({ madeSeconds }) => madeSeconds > after && madeSeconds <= until;
  }

  #mayCheck(from: SearchPeer): boolean {
    const minute = Math.floor(this.#parts.context.now() / 60_000);
    if (from.checksMinute !== minute) {
      from.checksMinute = minute;
      from.checks = 0;
    }
    from.checks += 1;
    return from.checks <= MAX_HUB_CHECKS_A_MINUTE;
  }

  #isCrowded({ contact }: HubRecord): boolean {
    const prefix = publicPrefix(contact.host);
    if (prefix === undefined) return false;
    let count = 0;
    for (const { record } of this.#byKey.values()) if (publicPrefix(record.contact.host) === prefix) count += 1;
    return count >= MAX_HUB_RECORDS_OF_PREFIX;
  }
}

interface Known {
  readonly key: string;
  readonly record: HubRecord;
  readonly heardMs: number;
  restUntilMs: number;
  isDoubted: boolean;
}

/** Of a hub that stepped down: it has no leaves and no room. */
function isRetraction({ leaves, room }: HubRecord): boolean {
  return leaves === 0 && room === 0;
}

/** A record is believed for so many looks: an hour in the public network. */
const RECORD_LOOKS = 60;
/** And made anew after so many. */
export const RENEW_LOOKS = RECORD_LOOKS / 3;
/** Looks that a hub is left alone for at most. Guess. */
const REST_LOOKS = 10;
