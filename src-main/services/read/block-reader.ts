/**
 * Reads content that lies in blocks: any range of it, in order, running ahead by a bounded window, each piece opened and
 * checked before it is given out.
 */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { HashStream } from '../../core/ports.ts';
import { openPiece, PIECE_BYTES, pieceCount } from '../../core/publish/piece.ts';
import type { BlockFetcher, ReadDeps } from './block-fetcher.ts';
import { ListReader, notAsPublished } from './list-reader.ts';
import type { BlockedContent } from './segment-reader.ts';
import { cancelled, throwIfAborted } from '../flow/waiting.ts';
import { Window } from '../flow/window.ts';

/** Pieces at the start of a range that somebody waits for: 256 KiB, more than a first page. Guess. */
export const INTERACTIVE_PIECES = 8;

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Shared by streams that are all consumed without waiting for each other; else each has its own. */
  readonly window?: Window;
  /** Pieces at the start that are asked for as interactive; INTERACTIVE_PIECES unless given. */
  readonly interactivePieces?: number;
}

/** Where to begin with reading the whole of something, and the hash of what comes before. */
export interface WholeOptions extends ReadOptions {
  readonly from?: { readonly position: number; readonly hash: HashStream };
}

export class BlockReader {
  readonly #deps: ReadDeps;
  readonly #lists: ListReader;

  constructor(deps: ReadDeps, fetcher: BlockFetcher) {
    this.#deps = deps;
    this.#lists = new ListReader(deps, fetcher);
  }

  get lists(): ListReader {
    return this.#lists;
  }

  /**
   * Bytes `start` ... `end` - 1 in order, in chunks of at most a piece; holds at most a window of pieces. Throws
   * BroadsideError, naming the block, as soon as a piece cannot be had. RangeError for a range that is not in the content.
   */
  async *range(
    content: BlockedContent,
    start: number,
    end: number,
    options: ReadOptions = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    const { sizeBytes } = content.list;
    if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start || end > sizeBytes) {
      throw new RangeError(`no range ${start} to ${end} in ${sizeBytes} bytes`);
    }
    throwIfAborted(options.signal);
    if (start === end) return;
    const window = options.window ?? new Window();
    const interactive = options.interactivePieces ?? INTERACTIVE_PIECES;
    const first = Math.floor(start / PIECE_BYTES);
    const last = Math.floor((end - 1) / PIECE_BYTES);
    const leave = this.#lists.segments.enter();
    const abort = new AbortController();
    const stop = (): void => abort.abort(cancelled(options.signal));
    options.signal?.addEventListener('abort', stop, { once: true });
    /** Pieces asked for, in order; each holds a place in the window. */
    const ahead: Promise<Uint8Array>[] = [];
    let next = first;
    const load = (): void => {
      const loading = this.#piece(content, next, next - first < interactive, window, abort.signal);
      // Its failure is met when its turn comes; until then it is not unhandled.
      loading.catch(() => undefined);
      ahead.push(loading);
      next += 1;
    };
    try {
      for (let piece = first; piece <= last; piece += 1) {
        if (ahead.length === 0) {
          // The first of what is left always gets its place, so every stream that shares the window goes on.
          await window.take(options.signal);
          load();
        }
        while (next <= last && window.tryTake()) load();
        const plaintext = await ahead[0]!;
        const from = piece === first ? start - first * PIECE_BYTES : 0;
        const to = piece === last ? end - last * PIECE_BYTES : plaintext.length;
        yield plaintext.subarray(from, to);
        void ahead.shift();
        window.give();
      }
    } finally {
      options.signal?.removeEventListener('abort', stop);
      abort.abort(cancelled(options.signal));
      for (const _ of ahead) window.give();
      leave();
    }
  }

  /**
   * All of it, or what is behind `from`, with its digest, H("plaintext", bytes), checked before the last chunk is given out,
   * so that who reads to the end has exactly what was published. Throws as `range`, and `damaged`.
   */
  async *whole(
    content: BlockedContent,
    digest: Uint8Array,
    options: WholeOptions = {},
  ): AsyncGenerator<Uint8Array, void, void> {
    const { sizeBytes } = content.list;
    const { position, hash } = options.from ?? {
      position: 0,
      hash: this.#deps.crypto.hashStream('plaintext', sizeBytes),
    };
    let left = sizeBytes - position;
    for await (const chunk of this.range(content, position, sizeBytes, options)) {
      hash.update(chunk);
      left -= chunk.length;
      if (left === 0 && !bytesEqual(hash.digest(), digest)) throw notAsPublished(content.name);
      yield chunk;
    }
  }

  async #piece(
    content: BlockedContent,
    piece: number,
    interactive: boolean,
    window: Window,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const options = { priority: interactive ? 'interactive' : 'bulk', signal, window } as const;
    const { sizeBytes } = content.list;
    const what = `block ${piece + 1} of ${pieceCount(sizeBytes)} of ${content.name}`;
    const payload = await this.#lists.segments.payload(content, 0, piece, what, options);
    const opened = openPiece(this.#deps.crypto, content.key, piece, sizeBytes, payload);
    if (!opened.ok) throw notAsPublished(what);
    return opened.value;
  }
}
