import { toHex } from '../../../shared/base/bytes.ts';
import { CLOCK_SKEW_MINUTES, PROOF_MINUTES } from '../limits.ts';
import type { Crypto, LinkId } from '../ports.ts';
import { linkDigest } from '../wire/link-messages.ts';
import type { ToldNeighbour } from '../wire/link-messages.ts';
import type { Neighbour, SecondNeighbour } from './neighbour.ts';
import type { Places } from './places.ts';

/** What neighbours told of their neighbours, each with that neighbour's own signature, so that nobody attracts keys by lying. */
export class SecondNeighbours {
  readonly #crypto: Crypto;
  readonly #network: Uint8Array;
  readonly #ownKey: string;
  readonly #places: Places;
  /** By link and then by key: proved, with or without a place yet. */
  readonly #told = new Map<LinkId, Map<string, ToldNeighbour>>();

  constructor(crypto: Crypto, network: Uint8Array, ownKey: string, places: Places) {
    this.#crypto = crypto;
    this.#network = network;
    this.#ownKey = ownKey;
    this.#places = places;
  }

  /** Takes what a neighbour tells; false when a signature in it does not hold. Expired proofs are left out, clocks differ. */
  onTold(teller: Neighbour, list: readonly ToldNeighbour[], nowMinutes: number): boolean {
    const before = this.#told.get(teller.link);
    const told = new Map<string, ToldNeighbour>();
    let isHonest = true;
    for (const each of list) {
      const key = toHex(each.contact.publicKey);
      if (key === this.#ownKey || !isCurrent(each.expiresMinutes, nowMinutes)) continue;
      const known = before?.get(key);
      if (known?.expiresMinutes === each.expiresMinutes) {
        told.set(key, known);
      } else if (this.#isProved(teller, each)) {
        told.set(key, each);
      } else {
        isHonest = false;
      }
    }
    this.#told.set(teller.link, told);
    for (const [key, { contact }] of told) this.#places.findSometime(key, contact.publicKey);
    this.#show(teller);
    return isHonest;
  }

  /** The place of a node became known: those that told of it reach it now. */
  onPlace(key: string, neighbours: Iterable<Neighbour>): void {
    for (const neighbour of neighbours) if (this.#told.get(neighbour.link)?.has(key) === true) this.#show(neighbour);
  }

  onLinkDown(link: LinkId): void {
    this.#told.delete(link);
  }

  dropExpired(neighbours: Iterable<Neighbour>, nowMinutes: number): void {
    for (const neighbour of neighbours) {
      const told = this.#told.get(neighbour.link);
      if (told === undefined) continue;
      const before = told.size;
      for (const [key, { expiresMinutes }] of told) if (!isCurrent(expiresMinutes, nowMinutes)) told.delete(key);
      if (told.size !== before) this.#show(neighbour);
    }
  }

  #show(teller: Neighbour): void {
    const shown: SecondNeighbour[] = [];
    for (const [key, { contact, expiresMinutes }] of this.#told.get(teller.link) ?? []) {
      const location = this.#places.get(key);
      if (location !== undefined) shown.push({ contact, key, location, expiresMinutes });
    }
    teller.second = shown;
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
