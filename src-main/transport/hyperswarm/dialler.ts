import type HyperDHT from 'hyperdht';

import { toHex } from '../../../shared/base/bytes.ts';
import type { KnownNode } from '../../core/ports.ts';
import type { CloseReason, Connection } from './connection.ts';
import { isIPv4 } from './known-nodes.ts';
import type { KnownNodes } from './known-nodes.ts';
import type { LinkTable } from './link-table.ts';

/** Dials under way at once: each holds some sockets' worth of DHT requests. Hyperswarm has three. */
const MAX_DIALS = 8;
/** Dials that the core asked for and that wait; more are forgotten, the core asks again. */
const MAX_ASKED_DIALS = 64;
/** A dial is given up after this: lookup, handshake and hole punching take 5 to 15 s at worst. */
const DIAL_TIMEOUT_MS = 20_000;
/** A link closed by the core is not made again by the transport for about so long. */
const CLOSED_REST_MS = 2 * 60_000;
/** A link that lived shorter counts as a failed dial. */
const SHORT_LIFE_MS = 30_000;

export interface DiallerOptions {
  readonly keyPair: HyperDHT.HyperKeyPair;
  readonly known: KnownNodes;
  readonly links: LinkTable;
  /** Below so many links it dials by itself. */
  readonly targetLinks: number;
  /** A dial led to a stream, which is the owner's from now on. */
  readonly onOpen: (stream: HyperDHT.SecretStream) => void;
  /** A dial came to nothing: nobody answered, or the other end closed it before it was a link. */
  readonly onFailed: (keyHex: string) => void;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
}

/** Decides whom to dial and when: whom the core asked for first, then known nodes while links are wanted. */
export class Dialler {
  readonly #options: DiallerOptions;
  readonly #dials = new Map<string, HyperDHT.SecretStream>();
  readonly #asked = new Map<string, KnownNode>();
  #dht: HyperDHT | undefined;
  #stopped = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  /** From now on it can dial. */
  start(dht: HyperDHT): void {
    this.#dht = dht;
  }

  stop(): void {
    this.#stopped = true;
    for (const stream of this.#dials.values()) stream.destroy();
  }

  /** A dial to this node is under way. */
  isDialling(keyHex: string): boolean {
    return this.#dials.has(keyHex);
  }

  /** Ends the dial to this node, if there is one, which does not count as failed once a connection to it is chosen. */
  cancel(keyHex: string): void {
    this.#dials.get(keyHex)?.destroy();
  }

  /** The core wants a link to this node. */
  ask(node: KnownNode): void {
    const { known, links } = this.#options;
    const keyHex = toHex(node.publicKey);
    known.heardOf(node);
    if (links.has(keyHex) || this.#dials.has(keyHex)) return;
    if (this.#asked.size < MAX_ASKED_DIALS || this.#asked.has(keyHex)) this.#asked.set(keyHex, node);
    queueMicrotask(() => this.dialMore());
  }

  /** Dials as many as are wanted now and may be under way at once. */
  dialMore(): void {
    if (this.#stopped || this.#dht === undefined) return;
    const { known, links, targetLinks } = this.#options;
    for (const [keyHex, node] of this.#asked) {
      if (this.#dials.size >= MAX_DIALS) return;
      this.#asked.delete(keyHex);
      if (!links.isFull && !this.#isBusy(keyHex)) this.#dial(this.#dht, keyHex, node);
    }
    while (this.#dials.size < MAX_DIALS && links.chosenCount + this.#dials.size < targetLinks) {
      const node = known.pick((keyHex) => this.#isBusy(keyHex));
      if (node === undefined) return;
      this.#dial(this.#dht, node.keyHex, node);
    }
  }

  /** A connection ended, for this reason: says when its node may be dialled again. */
  ended(connection: Connection, reason: CloseReason): void {
    const { known, now, onFailed } = this.#options;
    const { keyHex } = connection;
    if (reason === 'asked' || reason === 'violation' || reason === 'oversized' || reason === 'overrun') {
      known.rest(keyHex, CLOSED_REST_MS);
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
    return links.has(keyHex) || this.#dials.has(keyHex) || links.isOpening(keyHex);
  }

  #dial(dht: HyperDHT, keyHex: string, node: KnownNode): void {
    const { keyPair, known, links, onOpen, onFailed } = this.#options;
    const { host, port } = node;
    const hasAddress = host !== undefined && port !== undefined && isIPv4(host) && port > 0 && port < 65_536;
    // Asked at its own address first, a node answers for itself; the DHT is searched as well.
    const stream = dht.connect(Buffer.from(node.publicKey), {
      keyPair,
      ...(hasAddress ? { relayAddresses: [{ host, port }] } : {}),
    });
    this.#dials.set(keyHex, stream);
    let isSettled = false;
    const timer = setTimeout(() => stream.destroy(), DIAL_TIMEOUT_MS);
    const settle = (isOpen: boolean): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      this.#dials.delete(keyHex);
      if (this.#stopped) {
        stream.destroy();
        return;
      }
      if (isOpen) return onOpen(stream);
      const isFailed = !links.has(keyHex);
      if (isFailed) known.failed(keyHex);
      links.unpark(keyHex);
      if (isFailed) onFailed(keyHex);
    };
    stream.on('error', () => {}); // 'close' follows
    stream.once('open', () => settle(true));
    stream.once('close', () => settle(false));
  }
}
