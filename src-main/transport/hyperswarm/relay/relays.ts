import SecretStream from '@hyperswarm/secret-stream';
import type HyperDHT from 'hyperdht';

import { bytesEqual, toHex } from '../../../../shared/base/bytes.ts';
import { guardFrames } from '../frames.ts';
import { RelayBudgets } from './budgets.ts';
import type { RelayLimits } from './budgets.ts';
import { RelayDesk } from './desk.ts';
import { RelayEnd } from './end.ts';
import { MAX_RELAYED, MAX_RELAYED_BY_ONE, MAX_RELAYED_TAKEN, OFFER_MS } from './limits.ts';
import { decodeRelay } from './messages.ts';
import type { RelayMessage, RelayRefusal } from './messages.ts';
import { RelayPeer } from './peer.ts';
import type { RelayLink } from './peer.ts';
import { RelaySearches } from './search.ts';

/** For whom streams are carried: nobody, those that have been here for a day or that an invite named, whoever is linked. */
export type RelayConsent = 'off' | 'known' | 'neighbours';
export type RelaySettings = RelayLimits & { readonly consent: RelayConsent };

/** What of relaying is told. */
export interface RelayFigures {
  /** Streams that are carried for others now, and since the start; bytes since the start. */
  readonly streams: number;
  readonly streamsInAll: number;
  readonly bytes: number;
  /** Links of this node that others carry now. */
  readonly links: number;
}

export interface RelaysOptions {
  readonly keyPair: HyperDHT.HyperKeyPair;
  readonly settings: RelaySettings;
  /** The neighbour with this key was linked first a day ago, or an invite named it. */
  readonly isKnown: (keyHex: string) => boolean;
  /** A link to this node is wanted, there is none, and there is room for it. */
  readonly isWanted: (keyHex: string) => boolean;
  /** A link that this node begins to us by a neighbour may be taken. */
  readonly mayTake: (keyHex: string) => boolean;
  /** A secret stream with another node, which proved its key, by a neighbour. It is the owner's from now on. */
  readonly onStream: (stream: HyperDHT.SecretStream, raw: HyperDHT.RawStream, relay: Uint8Array) => void;
  /** Monotonic clock, milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Streams by way of one neighbour between two nodes that cannot reach each other: what this node carries for others (desk.ts), and its own,
 * found by asking (search.ts) or offered. What goes over them is a secret stream of the two ends, so that who carries it can
 * neither read it nor change it unnoticed.
 */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #peers = new Map<RelayLink, RelayPeer>();
  readonly #byKey = new Map<string, RelayPeer>();
  readonly #desk: RelayDesk;
  readonly #searches: RelaySearches;
  /** This node's own ends, until they are closed. */
  readonly #ends = new Set<RelayEnd>();
  #consent: RelayConsent;
  #isStopped = false;

  constructor(options: RelaysOptions) {
    this.#options = options;
    const { settings, nowMs, isKnown, isWanted } = options;
    this.#consent = settings.consent;
    this.#desk = new RelayDesk({
      budgets: new RelayBudgets(settings, nowMs),
      consent: ({ link }) => {
        if (this.#consent === 'off') return 'off';
        return this.#consent === 'neighbours' || isKnown(link.keyHex) ? 'none' : 'stranger';
      },
      peerOf: (publicKey) => this.#byKey.get(toHex(publicKey)),
      nowMs,
    });
    this.#searches = new RelaySearches({
      peers: () => this.#peers.values(),
      mayUse: (peer) => this.#hasRoomBy(peer),
      isWanted,
      secure: (end, publicKey, onSettled) => {
        this.#keep(end);
        this.#secure(end, publicKey, true, onSettled);
      },
      nowMs,
    });
  }

  get figures(): RelayFigures {
    const { streams, streamsInAll, carriedBytes } = this.#desk;
    return { streams, streamsInAll, bytes: carriedBytes, links: this.#ends.size };
  }

  /** Why no neighbour carried a stream to this node when it was tried last. */
  refusalOf(keyHex: string): RelayRefusal | undefined {
    return this.#searches.refusalOf(keyHex);
  }

  set(settings: RelaySettings): void {
    this.#consent = settings.consent;
    this.#desk.budgets.setLimits(settings);
    this.#desk.review();
  }

  /** Both ends of a link that stands by itself know how to relay. */
  linkUp(link: RelayLink): void {
    if (this.#isStopped || this.#peers.has(link)) return;
    const peer = new RelayPeer(link);
    this.#peers.set(link, peer);
    this.#byKey.set(link.keyHex, peer);
  }

  linkDown(link: RelayLink): void {
    const peer = this.#peers.get(link);
    if (peer === undefined) return;
    this.#peers.delete(link);
    if (this.#byKey.get(link.keyHex) === peer) this.#byKey.delete(link.keyHex);
    peer.end();
  }

  /** The link has room for more after `send` had answered false. */
  hasRoom(link: RelayLink): void {
    this.#peers.get(link)?.hasRoom();
  }

  /** Looks for a neighbour that carries a stream to this node. */
  search(publicKey: Uint8Array): void {
    if (!this.#isStopped) this.#searches.begin(toHex(publicKey), publicKey);
  }

  /** A link to this node is no longer looked for. */
  found(keyHex: string): void {
    this.#searches.cancel(keyHex);
  }

  /** What this neighbour carried did not last. */
  disappointed(relay: Uint8Array): void {
    this.#searches.disappointed(toHex(relay));
  }

  tick(nowMs: number): void {
    this.#desk.tick(nowMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#searches.stop();
    for (const link of [...this.#peers.keys()]) this.linkDown(link);
    this.#desk.budgets.stop();
  }

  received(link: RelayLink, bytes: Uint8Array): void {
    const peer = this.#peers.get(link);
    if (peer === undefined) return;
    const message = decodeRelay(bytes);
    if (message === undefined) return link.destroy('violation');
    switch (message.kind) {
      case 'ask':
        return this.#desk.onAsk(peer, message.number, message.publicKey);
      case 'answer':
        return this.#searches.answered(peer, message.number, message.outcome, message.roundTripMs);
      case 'open':
        return this.#desk.onOpen(peer, message.number, message.publicKey);
      case 'offer':
        return this.#onOffer(peer, message.number, message.publicKey);
      default:
        return this.#onStream(peer, message);
    }
  }

  /** What comes for a stream that is closed here crossed with that. */
  #onStream(peer: RelayPeer, message: Extract<RelayMessage, { kind: 'accept' | 'data' | 'grant' | 'close' }>): void {
    const side = peer.get(message.number);
    if (side === undefined) return;
    switch (message.kind) {
      case 'accept':
        if (!side.accepted()) peer.link.destroy('violation');
        return;
      case 'data': {
        const outcome = side.data(message.bytes);
        if (outcome !== 'taken') peer.link.destroy(outcome);
        return;
      }
      case 'grant':
        return side.granted(message.totalBytes);
      case 'close':
        peer.remove(message.number);
        return side.ended(message.outcome);
    }
  }

  #onOffer(peer: RelayPeer, number: number, publicKey: Uint8Array): void {
    const keyHex = toHex(publicKey);
    if (!peer.isTheirs(number) || keyHex === peer.link.keyHex) return peer.link.destroy('violation');
    let taken = 0;
    for (const end of this.#ends) if (end.isTaken) taken += 1;
    if (!this.#hasRoomBy(peer) || taken >= MAX_RELAYED_TAKEN || !this.#options.mayTake(keyHex)) {
      return peer.send({ kind: 'close', number, outcome: 'refused' });
    }
    const end = new RelayEnd(peer, { number, onClosed: () => {} });
    this.#keep(end);
    return this.#secure(end, publicKey, false, () => {});
  }

  #keep(end: RelayEnd): void {
    this.#ends.add(end);
    end.once('close', () => this.#ends.delete(end));
  }

  #hasRoomBy(peer: RelayPeer): boolean {
    let byIt = 0;
    for (const end of this.#ends) if (end.peer === peer) byIt += 1;
    return this.#ends.size < MAX_RELAYED && byIt < MAX_RELAYED_BY_ONE;
  }

  /** Noise IK between the two ends, with the keys of their links: who carries it can be neither of them. */
  #secure(end: RelayEnd, publicKey: Uint8Array, isInitiator: boolean, onSettled: (isSecure: boolean) => void): void {
    end.on('error', () => {});
    // Before the secret stream sees it, which makes room for whatever length a frame claims.
    guardFrames(end, () => end.destroy());
    const stream = new SecretStream(isInitiator, end, {
      pattern: 'IK',
      keyPair: this.#options.keyPair,
      ...(isInitiator ? { remotePublicKey: Buffer.from(publicKey) } : {}),
    }) as unknown as HyperDHT.SecretStream;
    let isSettled = false;
    const settle = (isSecure: boolean): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(timer);
      onSettled(isSecure);
    };
    const timer = setTimeout(() => stream.destroy(), OFFER_MS);
    stream.on('error', () => {}); // 'close' follows
    stream.once('close', () => settle(false));
    stream.once('open', () => {
      // It may have been begun in another's name, by the one between or by who asked it.
      const isRight = bytesEqual(stream.remotePublicKey, publicKey);
      if (this.#isStopped || stream.destroying || !isRight) return stream.destroy();
      settle(true);
      return this.#options.onStream(stream, end, end.peer.link.publicKey);
    });
  }
}
