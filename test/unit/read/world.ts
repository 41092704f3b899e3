/** What the tests of reading share: real cryptography, a network that is a table, time that passes by itself. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorCode } from '../../../shared/base/errors.ts';
import type { ReadDeps } from '../../../src-main/services/read/block-fetcher.ts';
import { createCombiner } from '../../../src-main/workers/coding/combiner.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { EagerClock } from '../../support/eager-clock.ts';
import { MemoryBlockNetwork } from '../../support/memory-block-network.ts';
import type { MemoryBlockNetworkOptions } from '../../support/memory-block-network.ts';
import { buildPublication } from '../../support/publication-builder.ts';
import type { BuildOptions, BuiltPublication } from '../../support/publication-builder.ts';
import { seededRandom } from '../../support/seeded-random.ts';

export const crypto = createSodiumCrypto();

export interface World {
  readonly network: MemoryBlockNetwork;
  readonly deps: ReadDeps;
  publish(options: Omit<BuildOptions, 'crypto' | 'random'>): BuiltPublication;
  /** Addresses of the slots whose indices are given. */
  lose(built: BuiltPublication, indices: readonly number[]): void;
  /** Blocks, from and up to a place in the order in which they were made. */
  loseBlocks(built: BuiltPublication, start: number, end: number): void;
}

export function createWorld(seed = 1, options: Omit<MemoryBlockNetworkOptions, 'crypto'> = {}): World {
  const random = seededRandom(seed);
  const network = new MemoryBlockNetwork({ crypto, ...options });
  return {
    network,
    deps: { network, crypto, combiner: createCombiner(), random, clock: new EagerClock() },
    publish(buildOptions) {
      const built = buildPublication({ crypto, random, ...buildOptions });
      for (const record of [...built.slots, ...built.blocks]) network.put(record);
      return built;
    },
    lose(built, indices) {
      for (const index of indices) network.lose(built.places[index - 1]!.address);
    },
    loseBlocks(built, start, end) {
      for (const block of built.blocks.slice(start, end)) network.lose(blockAddress(block));
    },
  };
}

export function blockAddress(record: Uint8Array): Uint8Array {
  return crypto.hash('content', record.subarray(1));
}

export const withCode =
  (code: ErrorCode, ...words: readonly string[]) =>
  (thrown: unknown): boolean => {
    if (!(thrown instanceof BroadsideError) || thrown.code !== code) return false;
    return words.every((word) => thrown.message.includes(word));
  };

/** Bytes that differ from piece to piece. */
export function pattern(length: number, seed = 7): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    bytes[index] = state >>> 16;
  }
  return bytes;
}
