/** From the number of a piece to the address of its block, by way of the list blocks, which are kept for a while. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { addressAt, openListBlock, pathToPiece } from '../../core/publish/block-list.ts';
import type { BlockList } from '../../core/publish/block-list.ts';
import type { BlockFetcher, FetchOptions } from './block-fetcher.ts';

/** List blocks that are kept opened, of one publication: 64 x 32 KiB = 2 MiB, the lists of 2 GB. The least used leaves. */
export const MAX_CACHED_LISTS = 64;

/** A file, or a sealed manifest, that has blocks. */
export interface BlockedContent {
  /** Names it in errors: “notes.txt”. */
  readonly name: string;
  readonly key: Uint8Array;
  readonly list: BlockList;
}

export class ListReader {
  readonly #crypto: Crypto;
  readonly #fetcher: BlockFetcher;
  /** Opened list blocks, or their fetching, by content and place in its tree; the least recently used first. */
  readonly #cache = new Map<string, Promise<Uint8Array>>();

  constructor(crypto: Crypto, fetcher: BlockFetcher) {
    this.#crypto = crypto;
    this.#fetcher = fetcher;
  }

  get cached(): number {
    return this.#cache.size;
  }

  /** Throws BroadsideError as BlockFetcher does, and `damaged` for a list block that does not open. */
  async addressOf(content: BlockedContent, piece: number, options: FetchOptions): Promise<Uint8Array> {
    const { root, steps } = pathToPiece(content.list, piece);
    let address = content.list.roots[root]!;
    for (const step of steps) {
      const addresses = await this.#block(content, step, address, options);
      address = addressAt(addresses, step.position);
    }
    return address;
  }

  async #block(
    content: BlockedContent,
    step: ReturnType<typeof pathToPiece>['steps'][number],
    address: Uint8Array,
    options: FetchOptions,
  ): Promise<Uint8Array> {
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
      const fetching = this.#fetch(content, step, address, options);
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

  async #fetch(
    content: BlockedContent,
    step: { readonly level: number; readonly index: number; readonly count: number },
    address: Uint8Array,
    options: FetchOptions,
  ): Promise<Uint8Array> {
    const what = `list block ${step.index + 1} (level ${step.level}) of ${content.name}`;
    const payload = await this.#fetcher.fetch(address, what, options);
    const opened = openListBlock(this.#crypto, content.key, step, payload);
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
