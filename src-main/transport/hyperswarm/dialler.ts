import type HyperDHT from 'hyperdht';

import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { CloseReason } from './close-reason.ts';
import type { Connection } from './connection.ts';
import { Hints } from './hints.ts';
import type { KnownNodes } from './known-nodes.ts';
import type { LinkTable } from './link-table.ts';

/** Dials under way at once: each holds some sockets' worth of DHT requests. Hyperswarm has three. */
const MAX_DIALS = 8;
/** Of these for the core: whoever makes it ask for nodes that are not there leaves room for the floor. A guess. */
const MAX_ASKED_AT_ONCE = 6;
/** Dials that the core asked for and that wait; more are forgotten, the core asks again. */
const MAX_ASKED_DIALS = 64;
/** A dial is given up after this: lookup, handshake and hole punching take 5 to 15 s at worst. */
const DIAL_TIMEOUT_MS = 20_000;
/**
 * A link that one of the two cores closed is not made again by the transport for about so long, unless the core asks for it:
 * it knows what it did.
 */
const CLOSED_REST_MS = 2 * 60_000;
/** A node that had no room may soon have some. A guess. */
const FULL_REST_MS = 30_000;
/** Who broke the transport's own rules is not linked to for so long, whoever asks or dials. */
const BARRED_MS = 10 * 60_000;
/** Nodes that are barred and remembered; the oldest is forgotten. */
const MAX_BARRED = 1_024;
/** A link that lived shorter counts as a failed dial. */
const SHORT_LIFE_MS = 30_000;

export interface DiallerOptions {
  readonly keyPair: HyperDHT.HyperKeyPair;
  readonly known: KnownNodes;
  readonly links: LinkTable;
  /** Below so many links it dials by itself; above, only whom the core asks for. */
  readonly floorLinks: number;
  /** A dial led to a stream, which is the owner's from now on. */
  readonly onOpen: (stream: HyperDHT.SecretStream) => void;
  /** A dial that the core asked for has led to nothing so far, or to nothing at all: a neighbour may help. */
  readonly onStuck?: (publicKey: Uint8Array) => void;
  /** How long it is given alone. */
  readonly aloneMs?: (keyHex: string) => number;
  /** Nodes that cannot be met without a neighbour between: see HyperswarmTransportOptions. */
  readonly cannotMeet?: (publicKey: Uint8Array) => boolean;
  /** A dial came to nothing: nobody answered, or the other end closed it before it was a link. */
  readonly onFailed: (keyHex: string) => void;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
}

/** A dial under way. */
interface Dial {
  readonly isAsked: boolean;
  /** Undefined while its address is tried. */
  stream: HyperDHT.SecretStream | undefined;
  isCancelled: boolean;
  stuckTimer: NodeJS.Timeout | undefined;
}

/** Decides whom to dial and when: whom the core asked for first, then known nodes while there are fewer links than the floor. */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #hints: Hints;
  readonly #dials = new Map<string, Dial>();
  /** Until when, by key. */
  readonly #barred = new Map<string, number>();
  readonly #asked = new Map<string, KnownNode>();
  #dht: HyperDHT | undefined;
  #stopped = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.#hints = new Hints(options.now);
  }

  /** From now on it can dial. */
  start(dht: HyperDHT): void {
    this.#dht = dht;
  }

  stop(): void {
    this.#stopped = true;
    for (const dial of this.#dials.values()) cancel(dial);
  }

  /** A dial to this node is under way. */
  isDialling(keyHex: string): boolean {
    return this.#dials.has(keyHex);
  }

  /** Ends the dial to this node, if there is one, which does not count as failed once a connection to it is chosen. */
  cancel(keyHex: string): void {
    const dial = this.#dials.get(keyHex);
    if (dial !== undefined) cancel(dial);
  }

  /** No link to this node is wanted, whoever dials. */
  isBarred(keyHex: string): boolean {
    return (this.#barred.get(keyHex) ?? 0) > this.#options.now();
  }

  /** The core wants a link to this node. */
  ask(node: KnownNode): void {
    const { known, links } = this.#options;
    const keyHex = toHex(node.publicKey);
    known.heardOf(node);
    if (links.has(keyHex) || this.#dials.has(keyHex) || this.isBarred(keyHex)) return;
    if (this.#asked.size < MAX_ASKED_DIALS || this.#asked.has(keyHex)) this.#asked.set(keyHex, node);
    queueMicrotask(() => this.dialMore());
  }

  /** Dials as many as are wanted now and may be under way at once. */
  dialMore(): void {
    if (this.#stopped || this.#dht === undefined) return;
    const { known, links, floorLinks } = this.#options;
    for (const [keyHex, node] of this.#asked) {
      if (this.#dials.size >= MAX_DIALS || this.#askedAtOnce() >= MAX_ASKED_AT_ONCE) break;
      this.#asked.delete(keyHex);
      if (!links.isFull && !this.#isBusy(keyHex)) this.#dial(this.#dht, keyHex, node, true);
    }
    while (this.#dials.size < MAX_DIALS && links.chosenCount + links.greetedCount + this.#dials.size < floorLinks) {
      const node = known.pick((keyHex, host) => this.#isBusy(keyHex) || links.isPrefixFull(host));
      if (node === undefined) return;
      this.#dial(this.#dht, node.keyHex, node, false);
    }
  }

  /**
   * Dials one node that was only heard of, whatever links there are: two halves of a network that grew apart, each with all
   * the links that it wants, meet again by that. Called once in some minutes.
   */
  dialStranger(): void {
    if (this.#stopped || this.#dht === undefined || this.#dials.size >= MAX_DIALS) return;
    const { known, links } = this.#options;
    if (links.isFull) return;
    const node = known.pickHeardOf((keyHex, host) => this.#isBusy(keyHex) || links.isPrefixFull(host));
    if (node !== undefined) this.#dial(this.#dht, node.keyHex, node, false);
  }

  /** Dials a node that there is a link to, but by a neighbour: perhaps it can be met by now. */
  dialAgain(keyHex: string, publicKey: Uint8Array): void {
    if (this.#stopped || this.#dht === undefined || this.#dials.size >= MAX_DIALS || this.#dials.has(keyHex)) return;
    this.#dial(this.#dht, keyHex, this.#options.known.get(keyHex) ?? { publicKey }, false);
  }

  /** A connection ended, for this reason: says when its node may be dialled again. */
  ended(connection: Connection, reason: CloseReason): void {
    const { known, now, onFailed } = this.#options;
    const { keyHex } = connection;
    if (reason === 'asked' || reason === 'prefix') {
      known.rest(keyHex, CLOSED_REST_MS);
    } else if (reason === 'violation' || reason === 'oversized' || reason === 'overrun') {
      known.forget(keyHex);
      this.#bar(keyHex);
    } else if (reason === 'dismissed') {
      known.rest(keyHex, connection.farewell === 'full' ? FULL_REST_MS : CLOSED_REST_MS);
      if (connection.link === undefined && connection.initiator) onFailed(keyHex);
    } else if (reason === 'remote' || reason === 'handshake-timeout' || reason === 'gone' || reason === 'too-slow') {
      // It stays known with its failures; a link that lasted is dialled again at once, spread by a second.
      const wasLink = connection.link !== undefined;
      if (wasLink && now() - connection.bornAtMs >= SHORT_LIFE_MS) return known.rest(keyHex, 1_000);
      known.failed(keyHex);
      if (!wasLink && connection.initiator) onFailed(keyHex);
    }
  }

  #isBusy(keyHex: string): boolean {
    const { links } = this.#options;
    return links.has(keyHex) || this.#dials.has(keyHex) || this.isBarred(keyHex) || links.isOpening(keyHex);
  }

  #bar(keyHex: string): void {
    this.#barred.delete(keyHex);
    this.#barred.set(keyHex, this.#options.now() + BARRED_MS);
    const [oldest] = this.#barred.keys();
    if (this.#barred.size > MAX_BARRED) this.#barred.delete(oldest!);
  }

  #askedAtOnce(): number {
    let count = 0;
    for (const { isAsked } of this.#dials.values()) if (isAsked) count += 1;
    return count;
  }

  #dial(dht: HyperDHT, keyHex: string, node: KnownNode, isAsked: boolean): void {
    const { onStuck, aloneMs, cannotMeet } = this.#options;
    const dial: Dial = { isAsked, stream: undefined, isCancelled: false, stuckTimer: undefined };
    this.#dials.set(keyHex, dial);
    if (isAsked && onStuck !== undefined)
      dial.stuckTimer = setTimeout(() => onStuck(node.publicKey), aloneMs?.(keyHex) ?? 0);
    if (cannotMeet?.(node.publicKey) === true) return queueMicrotask(() => this.#failed(keyHex));
    void this.#hints.tried(dht, node).then((address) => this.#connect(dht, keyHex, node, dial, address));
  }

  /** Asked at an address of its own, a node answers for itself; the DHT is searched as well, and alone where there is none. */
  #connect(dht: HyperDHT, keyHex: string, node: KnownNode, dial: Dial, address: HyperDHT.Address | undefined): void {
    const { keyPair, onOpen } = this.#options;
    if (this.#stopped || dial.isCancelled) return this.#failed(keyHex);
    const stream = dht.connect(Buffer.from(node.publicKey), {
      keyPair,
      ...(address === undefined ? {} : { relayAddresses: [address] }),
    });
    dial.stream = stream;
    let isSettled = false;
    const timer = setTimeout(() => stream.destroy(), DIAL_TIMEOUT_MS);
    const settle = (isOpen: boolean): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      if (!isOpen) return this.#failed(keyHex);
      clearTimeout(dial.stuckTimer);
      this.#dials.delete(keyHex);
      if (this.#stopped) stream.destroy();
      else onOpen(stream);
    };
    stream.on('error', () => {}); // 'close' follows
    stream.once('open', () => settle(true));
    stream.once('close', () => settle(false));
  }

  /** A dial ended without a stream. It has not failed if there is a link by now, from the other end. */
  #failed(keyHex: string): void {
    const { known, links, onFailed, onStuck } = this.#options;
    const dial = this.#dials.get(keyHex);
    clearTimeout(dial?.stuckTimer);
    this.#dials.delete(keyHex);
    if (this.#stopped) return;
    const isFailed = !links.has(keyHex);
    if (isFailed) known.failed(keyHex);
    links.unpark(keyHex);
    if (isFailed) onFailed(keyHex);
    if (isFailed && dial?.isAsked === true && !dial.isCancelled) onStuck?.(fromHex(keyHex)!);
  }
}

function cancel(dial: Dial): void {
  clearTimeout(dial.stuckTimer);
  dial.isCancelled = true;
  dial.stream?.destroy();
}
