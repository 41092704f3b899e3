/** From the place of a block to its address, by way of the list blocks, which are kept for a while. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { addressAt, openListBlock, pathToAddress } from '../../core/publish/block-list.ts';
import type { ListStep } from '../../core/publish/block-list.ts';
import type { BlockFetcher, FetchOptions, ReadDeps } from './block-fetcher.ts';
import { SegmentReader } from './segment-reader.ts';
import type { BlockedContent } from './segment-reader.ts';

/** List blocks that are kept opened, of one publication: 64 x 32 KiB = 2 MiB, the lists of 2 GB. The least used leaves. */
export const MAX_CACHED_LISTS = 64;

export class ListReader {
  readonly segments: SegmentReader;
  readonly #deps: ReadDeps;
  /** Opened list blocks, or their fetching, by content and place in its tree; the least recently used first. */
  readonly #cache = new Map<string, Promise<Uint8Array>>();

  constructor(deps: ReadDeps, fetcher: BlockFetcher) {
    this.#deps = deps;
    this.segments = new SegmentReader(deps, fetcher, (...place) => this.addressOf(...place));
  }

  get cached(): number {
    return this.#cache.size;
  }

  /**
   * Address number `position` of a level, check blocks included. Throws BroadsideError as SegmentReader does, and `damaged`
   * for a list block that does not open.
   */
  async addressOf(
    content: BlockedContent,
    level: number,
    position: number,
    options: FetchOptions,
  ): Promise<Uint8Array> {
    const { root, steps } = pathToAddress(content.list, level, position);
    // The way to that list block is found likewise when it is not kept: three levels at most.
    const step = steps.at(-1);
    if (step === undefined) return content.list.roots[root]!;
    return addressAt(await this.#block(content, step, options), step.position);
  }

  async #block(content: BlockedContent, step: ListStep, options: FetchOptions): Promise<Uint8Array> {
    const key = `${content.name} ${step.level} ${step.index}`;
    for (;;) {
      const shared = this.#cache.get(key);
      if (shared !== undefined) {
        this.#cache.delete(key);
        this.#cache.set(key, shared);
        try {
          return await shared;
        } catch (thrown) {
          // Another reader's fetching, given up for that reader's reasons, is not ours to fail by.
          if (!(thrown instanceof BroadsideError && thrown.code === 'cancelled') || options.signal?.aborted)
            throw thrown;
          continue;
        }
      }
      const fetching = this.#fetch(content, step, options);
      this.#cache.set(key, fetching);
      for (const oldest of this.#cache.keys()) {
        if (this.#cache.size <= MAX_CACHED_LISTS) break;
        this.#cache.delete(oldest);
      }
      try {
        return await fetching;
      } catch (thrown) {
        if (this.#cache.get(key) === fetching) this.#cache.delete(key);
        throw thrown;
      }
    }
  }

  async #fetch(content: BlockedContent, step: ListStep, options: FetchOptions): Promise<Uint8Array> {
    const what = `list block ${step.index + 1} (level ${step.level}) of ${content.name}`;
    const payload = await this.segments.payload(content, step.level, step.index, what, options);
    const opened = openListBlock(this.#deps.crypto, content.key, step, payload);
    if (!opened.ok) throw notAsPublished(what);
    return opened.value;
  }
}

/** Signed and sealed by the publisher and yet wrong: no other node can have a better one. */
export function notAsPublished(what: string): BroadsideError {
  return new BroadsideError(
    'damaged',
    `${capital(what)} is damaged as it was published. Only its publisher can mend that.`,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
