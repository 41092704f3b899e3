/** What the tests of short addresses share: links, a network that is a table, and parts that are made from a seed. */
import { formatLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { PasswordHash, Stamper } from '../../../src-main/core/ports.ts';
import { findStamp } from '../../../src-main/core/routing/stamps.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import type { SlotDeps } from '../../../src-main/services/addresses/slots.ts';
import { EagerClock } from '../../support/eager-clock.ts';
import { MemoryBlockNetwork } from '../../support/memory-block-network.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export const crypto = createSodiumCrypto();

export function sampleLink(fill: number, path = ''): PublicationLink {
  return {
    class: 1,
    k: 3,
    n: 10,
    documentKey: new Uint8Array(32).fill(fill),
    readSecret: new Uint8Array(16).fill(fill),
    namesDigest: new Uint8Array(16).fill(fill),
    path,
  };
}

export const linkText = (fill: number): string => formatLink(sampleLink(fill));

/** Argon2id is tested where it lives; here what counts is that other inputs give other keys. */
export const quickHash: PasswordHash = {
  derive: async (password, salt, cost, length) =>
    crypto.hash('quick', password, salt, Uint8Array.of(cost.passes)).slice(0, length),
};

export const stamper: Stamper = { stamp: async (digest, bits) => findStamp(crypto, digest, bits) };

/** Practice's, with claims that take no time. */
export const parameters = {
  name: 'practice-addresses',
  locationCost: { passes: 1, memoryKib: 256 },
  claimBits: 4,
} as const;

/** Virtual time that can jump by quarters. */
export class JumpingClock extends EagerClock {
  aheadMs = 1.8e12;

  override now(): number {
    return super.now() + this.aheadMs;
  }
}

export interface World extends SlotDeps {
  readonly network: MemoryBlockNetwork;
  readonly clock: JumpingClock;
}

export function sampleWorld(seed: number): World {
  return {
    network: new MemoryBlockNetwork({ crypto }),
    clock: new JumpingClock(),
    crypto,
    random: seededRandom(seed),
    neighbours: () => 3,
    closing: new AbortController().signal,
  };
}
