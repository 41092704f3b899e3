/**
 * Watches the wire of the simulator with the eyes of the colluders, who keep to the protocol: every message that comes to
 * them, and every answer that they give. Beside it, for the scores alone, the truth: first hops and lengths of stems.
 */
import { ADDRESS_BYTES } from '../../../../src-main/core/wire/record.ts';
import { keyOf, keyOfPart } from '../../engine/bytes-key.ts';
import type { Observer } from '../../engine/observer.ts';
import type { MadeRecord } from '../../workloads/records.ts';
import type { Activity, AnswerSighting, Sighting } from '../trace.ts';

/** Types of core/wire/messages.ts. */
const REQUEST = 1;
const INSERT = 2;
const STEM_REQUEST = 13;
const STEM_INSERT = 14;
const ANSWERS: ReadonlySet<number> = new Set([4, 5, 7, 8, 9, 10, 11]);
const ID_START = 1;
const ID_END = 17;
/** Where the address of a request or the record of an insert begins, and where HTL lies. */
const KEY_STARTS: ReadonlyMap<number, number> = new Map([
  [REQUEST, 20],
  [INSERT, 27],
  [STEM_REQUEST, 19],
  [STEM_INSERT, 26],
]);
const REQUEST_HTL = 19;
const INSERT_HTL = 18;

/** One origin's set of messages, while it is watched. */
export class WatchedSet {
  readonly origin: number;
  readonly sightings: Sighting[] = [];
  readonly answers: AnswerSighting[] = [];
  /** Truth: the node that the first message was handed to. */
  firstHop = -1;
  /** Truth, for each message. */
  readonly stemHops: Uint16Array;
  /** Truth: when it was started, and when its greedy part began; NaN before. */
  readonly startMs: Float64Array;
  readonly greedyMs: Float64Array;

  constructor(origin: number, messages: number) {
    this.origin = origin;
    this.stemHops = new Uint16Array(messages);
    this.startMs = new Float64Array(messages).fill(Number.NaN);
    this.greedyMs = new Float64Array(messages).fill(Number.NaN);
  }

  /** `places`: of its messages in the route book. */
  activity(places: Int32Array): Activity {
    return { messages: places, sightings: this.sightings, answers: this.answers };
  }
}

interface Known {
  readonly set: WatchedSet;
  readonly message: number;
}

export class ColluderWatch implements Observer {
  readonly #colluding: Uint8Array;
  /** By address of requests and by record of inserts. */
  readonly #known = new Map<string, Known>();
  /** Messages that colluders hold: by colluder, neighbour and id. */
  readonly #held = new Map<string, Known>();

  constructor(colluding: Uint8Array) {
    this.#colluding = colluding;
  }

  /** From now on this request or insert, by its address or record, belongs to the set. */
  watch(set: WatchedSet, message: number, made: MadeRecord, purpose: 'request' | 'insert', nowMs: number): void {
    this.#known.set(keyOf(purpose === 'request' ? made.address : made.record), { set, message });
    set.startMs[message] = nowMs;
  }

  /** Forgets all sets: what is asked for next belongs to others. */
  clear(): void {
    this.#known.clear();
    this.#held.clear();
  }

  onDelivered(nowMs: number, from: number, to: number, channel: string, bytes: Uint8Array): void {
    if (this.#colluding[to] === 0 || channel !== 'route') return;
    const found = this.#find(bytes);
    if (found === undefined) return;
    const { set, message } = found.known;
    const id = keyOfPart(bytes, ID_START, ID_END);
    const { isStem, htl } = found;
    set.sightings.push({ atMs: nowMs, colluder: to, from, message, id, stem: isStem, htl });
    this.#held.set(`${to} ${from} ${id}`, found.known);
  }

  onMessage(nowMs: number, from: number, to: number, channel: string, bytes: Uint8Array): void {
    if (channel !== 'route') return;
    if (this.#colluding[from] === 1 && ANSWERS.has(bytes[0]!)) {
      const held = this.#held.get(`${from} ${to} ${keyOfPart(bytes, ID_START, ID_END)}`);
      held?.set.answers.push({ atMs: nowMs, colluder: from, to, message: held.message });
    }
    const found = this.#find(bytes);
    if (found === undefined) return;
    const { set, message } = found.known;
    if (!found.isStem) {
      if (Number.isNaN(set.greedyMs[message])) set.greedyMs[message] = nowMs;
      return;
    }
    if (Number.isNaN(set.greedyMs[message])) set.stemHops[message]! += 1;
    if (set.firstHop === -1 && from === set.origin) set.firstHop = to;
  }

  /** By bytes and not decoded: this is asked of every message on the wire. The core checks what it sends and takes. */
  #find(bytes: Uint8Array): { known: Known; isStem: boolean; htl: number | undefined } | undefined {
    const type = bytes[0]!;
    const keyStart = KEY_STARTS.get(type);
    if (keyStart === undefined) return undefined;
    const isRequest = type === REQUEST || type === STEM_REQUEST;
    const known = this.#known.get(keyOfPart(bytes, keyStart, isRequest ? keyStart + ADDRESS_BYTES : bytes.length));
    if (known === undefined) return undefined;
    const isStem = type === STEM_REQUEST || type === STEM_INSERT;
    return { known, isStem, htl: isStem ? undefined : bytes[type === REQUEST ? REQUEST_HTL : INSERT_HTL]! };
  }
}
