import { toHex } from '../../../shared/base/bytes.ts';
import { CLOCK_SKEW_MINUTES, MAX_TOLD_NEIGHBOURS, PROOF_MINUTES } from '../limits.ts';
import type { Crypto } from '../ports.ts';
import { linkDigest } from '../wire/link-messages.ts';
import type { NeighboursMessage, ToldNeighbour } from '../wire/link-messages.ts';
import type { Acquaintance, Acquaintances } from './acquaintances.ts';

import type { Neighbour, ToldLink } from './neighbour.ts';
import type { Neighbours } from './neighbours.ts';

/** What neighbours tell of their neighbours, each with that neighbour's own signature, so that nobody attracts keys by lying. */
export class SecondNeighbours {
  readonly #crypto: Crypto;
  readonly #network: Uint8Array;
  readonly #ownKey: string;
  readonly #acquaintances: Acquaintances;
  readonly #neighbours: Neighbours;

  constructor(
    crypto: Crypto,
    network: Uint8Array,
    ownKey: string,
    acquaintances: Acquaintances,
    neighbours: Neighbours,
  ) {
    this.#crypto = crypto;
    this.#network = network;
    this.#ownKey = ownKey;
    this.#acquaintances = acquaintances;
    this.#neighbours = neighbours;
  }

  /** Takes what a neighbour tells; false when a signature in it does not hold. Expired proofs are left out, clocks differ. */
  onTold(teller: Neighbour, message: NeighboursMessage, nowMinutes: number): boolean {
    for (const publicKey of message.lost) this.#forget(teller, toHex(publicKey));
    let isHonest = true;
    for (const told of message.gained) {
      const key = toHex(told.contact.publicKey);
      if (key === this.#ownKey || key === teller.key || !isCurrent(told.expiresMinutes, nowMinutes)) continue;
      if (!this.#isProved(teller, told)) {
        isHonest = false;
      } else if (teller.second.size < MAX_TOLD_NEIGHBOURS || teller.second.has(key)) {
        const node = this.#acquaintances.meet(key, told.contact);
        this.#remember(teller, { node, expiresMinutes: told.expiresMinutes });
      }
    }
    return isHonest;
  }

  dropExpired(neighbours: Iterable<Neighbour>, nowMinutes: number): void {
    for (const neighbour of neighbours) {
      for (const [key, { expiresMinutes }] of neighbour.second) {
        if (isCurrent(expiresMinutes, nowMinutes)) continue;
        this.#forget(neighbour, key);
      }
    }
  }

  /** The place of this node has become known: whoever told of it reaches it from now on. */
  onPlace(node: Acquaintance): void {
    for (const link of node.tellers ?? []) {
      const teller = this.#neighbours.get(link);
      if (teller !== undefined) this.#neighbours.horizon.add(node, teller);
    }
    node.tellers = undefined;
  }

  /** A neighbour is gone, and what it told with it. */
  onDown(teller: Neighbour): void {
    for (const { node } of teller.second.values()) node.tellers?.delete(teller.link);
    this.#neighbours.horizon.removeAllOf(teller);
  }

  #remember(teller: Neighbour, told: ToldLink): void {
    const { node } = told;
    // The table of acquaintances may have forgotten it and met it anew since it was told of first.
    if (teller.second.get(node.key)?.node !== node) this.#forget(teller, node.key);
    teller.second.set(node.key, told);
    if (node.location === undefined) (node.tellers ??= new Set()).add(teller.link);
    else this.#neighbours.horizon.add(node, teller);
    this.#acquaintances.locateSometime(node);
  }

  #forget(teller: Neighbour, key: string): void {
    const told = teller.second.get(key);
    if (told === undefined) return;
    teller.second.delete(key);
    told.node.tellers?.delete(teller.link);
    this.#neighbours.horizon.remove(told.node, teller);
  }

  #isProved(teller: Neighbour, told: ToldNeighbour): boolean {
    const { contact, expiresMinutes, signature } = told;
    const digest = linkDigest(this.#crypto, this.#network, contact.publicKey, teller.publicKey, expiresMinutes);
    return this.#crypto.verify(signature, digest, contact.publicKey);
  }
}

/** Whether a proof holds now, by a clock that may differ from its signer's. */
export function isCurrent(expiresMinutes: number, nowMinutes: number): boolean {
  return (
    expiresMinutes > nowMinutes - CLOCK_SKEW_MINUTES &&
    expiresMinutes <= nowMinutes + PROOF_MINUTES + CLOCK_SKEW_MINUTES
  );
}
