import type HyperDHT from 'hyperdht';

import { toHex } from '../../../shared/base/bytes.ts';
import type { CloseReason } from './close-reason.ts';
import type { Connection } from './connection.ts';
import type { Dialler } from './dialler.ts';
import type { KnownNodes } from './known-nodes.ts';
import type { LinkTable } from './link-table.ts';
import { CarriedLinks } from './relay/carried-links.ts';
import { ACQUAINTED_MS, LASTING_MS } from './relay/limits.ts';
import type { RelayRefusal } from './relay/messages.ts';
import { Relays } from './relay/relays.ts';
import type { RelayFigures, RelaySettings } from './relay/relays.ts';

interface RelayingParts {
  readonly keyPair: HyperDHT.HyperKeyPair;
  /** Nothing is carried for others when left out. */
  readonly settings: RelaySettings | undefined;
  readonly known: KnownNodes;
  readonly links: LinkTable;
  readonly dialler: Dialler;
  readonly onStream: (stream: HyperDHT.SecretStream, raw: HyperDHT.RawStream, relay: Uint8Array) => void;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
}

/** Links by way of a neighbour, as the transport's connections come and go: whom to look for, and when to come back from it. */
export class Relaying {
  readonly #relays: Relays;
  readonly #carried: CarriedLinks;
  readonly #links: LinkTable;
  readonly #now: () => number;

  constructor({ keyPair, settings, known, links, dialler, onStream, now }: RelayingParts) {
    this.#links = links;
    this.#now = now;
    this.#carried = new CarriedLinks((keyHex, publicKey) => dialler.dialAgain(keyHex, publicKey));
    this.#relays = new Relays({
      keyPair,
      settings: settings ?? { consent: 'off', bytesPerSecond: 0, bytesPerDay: 0 },
      isKnown: (keyHex) => known.isAcquainted(keyHex, ACQUAINTED_MS),
      isWanted: (keyHex) => !links.isFull && !links.has(keyHex) && !dialler.isBarred(keyHex),
      mayTake: (keyHex) => !links.isFull && !links.isCrowded && !dialler.isBarred(keyHex),
      onStream,
      nowMs: now,
    });
  }

  get figures(): RelayFigures {
    return this.#relays.figures;
  }

  set(settings: RelaySettings): void {
    this.#relays.set(settings);
  }

  /** Why no neighbour carried a stream to this node, when it could not be reached without. */
  refusalOf(publicKey: Uint8Array): RelayRefusal | undefined {
    return this.#relays.refusalOf(toHex(publicKey));
  }

  /** What there is to tell of the way to a node: the neighbour that carries the link, or why none does. */
  wayTo(publicKey: Uint8Array): { readonly relay?: Uint8Array; readonly unreached?: Exclude<RelayRefusal, 'no-link'> } {
    const keyHex = toHex(publicKey);
    const relay = this.#links.chosen(keyHex)?.relay;
    if (relay !== undefined) return { relay };
    const refusal = this.#links.has(keyHex) ? undefined : this.#relays.refusalOf(keyHex);
    // That nobody is linked to it says no more than that it is not there.
    return refusal === undefined || refusal === 'no-link' ? {} : { unreached: refusal };
  }

  /** How long a dial is given before neighbours are asked. */
  aloneMs(keyHex: string): number {
    return this.#carried.aloneMs(keyHex, this.#now());
  }

  /** A dial has led to nothing so far. */
  search(publicKey: Uint8Array): void {
    this.#relays.search(publicKey);
  }

  canRelay(connection: Connection): void {
    this.#relays.linkUp(connection);
  }

  received(connection: Connection, bytes: Uint8Array): void {
    this.#relays.received(connection, bytes);
  }

  hasRoom(connection: Connection): void {
    this.#relays.hasRoom(connection);
  }

  established({ keyHex, publicKey, initiator, relay }: Connection): void {
    if (relay === undefined) this.#carried.met(keyHex, this.#now());
    else this.#carried.up(keyHex, publicKey, initiator, this.#now());
    this.#relays.found(keyHex);
  }

  closed(connection: Connection, reason: CloseReason): void {
    this.#relays.linkDown(connection);
    const { relay, keyHex, bornAtMs } = connection;
    const nowMs = this.#now();
    const isFault = reason === 'remote' || reason === 'gone' || reason === 'oversized' || reason === 'violation';
    if (relay === undefined) {
      if (isFault && connection.link !== undefined) this.#carried.lost(keyHex, nowMs);
      return;
    }
    this.#carried.down(keyHex, nowMs);
    if (isFault && nowMs - bornAtMs < LASTING_MS) this.#relays.disappointed(relay);
  }

  networkChanged(): void {
    this.#carried.hurry(this.#now());
  }

  tick(nowMs: number): void {
    this.#relays.tick(nowMs);
    this.#carried.tick(nowMs);
  }

  stop(): void {
    this.#relays.stop();
  }
}
