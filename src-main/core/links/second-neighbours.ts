import { toHex } from '../../../shared/base/bytes.ts';
import { CLOCK_SKEW_MINUTES, MAX_TOLD_NEIGHBOURS, PROOF_MINUTES } from '../limits.ts';
import type { Crypto } from '../ports.ts';
import { linkDigest } from '../wire/link-messages.ts';
import type { NeighboursMessage, ToldNeighbour } from '../wire/link-messages.ts';
import type { Acquaintances } from './acquaintances.ts';
import type { Neighbour } from './neighbour.ts';

/** What neighbours tell of their neighbours, each with that neighbour's own signature, so that nobody attracts keys by lying. */
export class SecondNeighbours {
  readonly #crypto: Crypto;
  readonly #network: Uint8Array;
  readonly #ownKey: string;
  readonly #acquaintances: Acquaintances;

  constructor(crypto: Crypto, network: Uint8Array, ownKey: string, acquaintances: Acquaintances) {
    this.#crypto = crypto;
    this.#network = network;
    this.#ownKey = ownKey;
    this.#acquaintances = acquaintances;
  }

  /** Takes what a neighbour tells; false when a signature in it does not hold. Expired proofs are left out, clocks differ. */
  onTold(teller: Neighbour, message: NeighboursMessage, nowMinutes: number): boolean {
    for (const publicKey of message.lost) teller.second.delete(toHex(publicKey));
    let isHonest = true;
    for (const told of message.gained) {
      const key = toHex(told.contact.publicKey);
      if (key === this.#ownKey || !isCurrent(told.expiresMinutes, nowMinutes)) continue;
      if (!this.#isProved(teller, told)) {
        isHonest = false;
      } else if (teller.second.size < MAX_TOLD_NEIGHBOURS || teller.second.has(key)) {
        const node = this.#acquaintances.meet(key, told.contact);
        teller.second.set(key, { node, expiresMinutes: told.expiresMinutes });
        this.#acquaintances.locateSometime(node);
      }
    }
    teller.onSecondChanged();
    return isHonest;
  }

  dropExpired(neighbours: Iterable<Neighbour>, nowMinutes: number): void {
    for (const neighbour of neighbours) {
      for (const [key, { expiresMinutes }] of neighbour.second) {
        if (isCurrent(expiresMinutes, nowMinutes)) continue;
        neighbour.second.delete(key);
        neighbour.onSecondChanged();
      }
    }
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
