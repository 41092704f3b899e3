/** Puts shares together to a manifest, and finds those that are wrong. */
import { bytesEqual, concatBytes, toHex } from '../../../shared/base/bytes.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { decodeManifest, openManifest } from '../../core/publish/manifest.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import { manifestDigest, shareName } from '../../core/publish/names.ts';
import { manifestBlocksKey } from '../../core/publish/piece.ts';
import { combineShares } from '../../core/publish/shares.ts';
import { BlockReader } from './block-reader.ts';
import type { BlockFetcher, ReadDeps } from './block-fetcher.ts';
import { shareCombinations } from './share-combinations.ts';
import type { CarriedShare } from './slot-evidence.ts';
import { throwIfAborted } from '../flow/waiting.ts';

/**
 * Combinations tried for one edition, in all. Wrong shares are signed by the publisher, so they are rare and an accident;
 * 2,000 take a second or two, and find any 4 wrong ones of 10.
 */
export const MAX_COMBINATIONS = 2_000;
/** Of these, tried each time another share arrives, so that enough are left for when all are there. Guess. */
const COMBINATIONS_AN_ARRIVAL = 100;
/** After so many, other work gets its turn. */
const TURN_EVERY = 16;
/** Different sealed manifests that are looked at under one key. Honest slots all hold the same. Guess. */
const MAX_CANDIDATES = 4;

export interface Solution {
  readonly contentKey: Uint8Array;
  readonly manifest: Manifest;
  readonly manifestDigest: Uint8Array;
}

export class ShareSolver {
  readonly #deps: ReadDeps;
  readonly #link: PublicationLink;
  readonly #shares: readonly CarriedShare[];
  readonly #fetcher: BlockFetcher;
  readonly #signal: AbortSignal | undefined;
  #triedShares = 0;
  #left = MAX_COMBINATIONS;

  /** `shares` may grow between calls. */
  constructor(
    deps: ReadDeps,
    link: PublicationLink,
    shares: readonly CarriedShare[],
    fetcher: BlockFetcher,
    signal?: AbortSignal,
  ) {
    this.#deps = deps;
    this.#link = link;
    this.#shares = shares;
    this.#fetcher = fetcher;
    this.#signal = signal;
  }

  /**
   * Tries combinations that hold the newest share; with `last`, all that there are, as far as the bound goes. Undefined
   * when none fits. Throws when the blocks of a large manifest cannot be had.
   */
  async solve(last: boolean): Promise<Solution | undefined> {
    const { k } = this.#link;
    const count = this.#shares.length;
    if (count < k || (count === this.#triedShares && !last)) return undefined;
    const limit = last ? this.#left : Math.min(this.#left, COMBINATIONS_AN_ARRIVAL);
    // Those without the newest were tried when the others came.
    const withNewest = !last && this.#triedShares >= k;
    this.#triedShares = count;
    const combinations = withNewest
      ? shareCombinations(count - 1, k - 1, this.#deps.random, limit)
      : shareCombinations(count, k, this.#deps.random, limit);
    let tried = 0;
    for (const combination of k === 1 && withNewest ? [[]] : combinations) {
      const chosen = combination.map((position) => this.#shares[position]!);
      if (withNewest) chosen.push(this.#shares[count - 1]!);
      this.#left -= 1;
      tried += 1;
      if (tried % TURN_EVERY === 0) {
        await new Promise<void>((resolve) => setImmediate(resolve));
        throwIfAborted(this.#signal);
      }
      const solution = await this.#try(chosen);
      if (solution !== undefined) return solution;
    }
    return undefined;
  }

  /** Indices of the shares that are not those that were published with the content, ascending. */
  badAgainst(solution: Solution): number[] {
    return this.#shares
      .filter((share) => !this.#fits(share, solution.manifestDigest))
      .map(({ index }) => index)
      .sort((a, b) => a - b);
  }

  #fits(share: CarriedShare, digest: Uint8Array): boolean {
    const name = share.names[share.index - 1];
    return name !== undefined && bytesEqual(shareName(this.#deps.crypto, digest, share.body.share), name);
  }

  async #try(chosen: readonly CarriedShare[]): Promise<Solution | undefined> {
    const { crypto } = this.#deps;
    const contentKey = combineShares(
      crypto,
      chosen.map(({ index, body }) => ({ index, share: body.share })),
    );
    if (contentKey === undefined) return undefined;
    for (const body of this.#candidates(chosen)) {
      const sealed = body.kind === 'inline' ? body.sealedManifest : await this.#fromBlocks(body, contentKey);
      const bytes = openManifest(crypto, contentKey, sealed);
      if (bytes === undefined) continue;
      const digest = manifestDigest(crypto, bytes);
      if (!chosen.every((share) => this.#fits(share, digest))) continue;
      const manifest = decodeManifest(bytes);
      if (manifest.ok) return { contentKey, manifest: manifest.value, manifestDigest: digest };
    }
    return undefined;
  }

  /** The different sealed manifests of all slots, those of the chosen first. */
  #candidates(chosen: readonly CarriedShare[]): CarriedShare['body'][] {
    const found = new Map<string, CarriedShare['body']>();
    for (const { body } of [...chosen, ...this.#shares]) {
      if (found.size >= MAX_CANDIDATES) break;
      const bytes = body.kind === 'inline' ? body.sealedManifest : concatBytes(...body.list.roots);
      const key = `${body.kind} ${toHex(this.#deps.crypto.hash('sealed manifest', bytes))}`;
      if (!found.has(key)) found.set(key, body);
    }
    return [...found.values()];
  }

  async #fromBlocks(
    body: Extract<CarriedShare['body'], { kind: 'blocks' }>,
    contentKey: Uint8Array,
  ): Promise<Uint8Array> {
    const { crypto } = this.#deps;
    const reader = new BlockReader(this.#deps, this.#fetcher);
    const content = { name: 'the list of its files', key: manifestBlocksKey(crypto, contentKey), list: body.list };
    const sealed = new Uint8Array(body.list.sizeBytes);
    let offset = 0;
    const chunks = reader.range(content, 0, sealed.length, {
      signal: this.#signal,
      interactivePieces: Number.POSITIVE_INFINITY,
    });
    for await (const chunk of chunks) {
      sealed.set(chunk, offset);
      offset += chunk.length;
    }
    return sealed;
  }
}
