/**
 * Blocks of some content by their place. One that is missing, or much slower than others, is made anew of its segment, data
 * or list block alike: any d of its d + c blocks are enough (core/publish/segments.ts).
 */
import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { levelShapes } from '../../core/publish/block-list.ts';
import type { BlockList } from '../../core/publish/block-list.ts';
import { checkMatrix, recoveryMatrix, SEGMENT_BLOCKS } from '../../core/publish/reed-solomon.ts';
import { codedPosition, segmentAt } from '../../core/publish/segments.ts';
import { contentAddress, PAYLOAD_BYTES } from '../../core/wire/record.ts';
import { cancelled, throwIfAborted, within } from '../flow/waiting.ts';
import type { BlockFetcher, FetchOptions, ReadDeps } from './block-fetcher.ts';

/** Blocks of a segment asked for at once while it is made anew: 1 MiB. Guess. */
const FETCHES_AT_ONCE = 32;
/** Blocks that were read last, whose neighbours may turn out to be missing: 6 MiB. A segment and what runs ahead of it. */
const RECENT_BLOCKS = 192;
/** Blocks made before other work gets its turn: 3 ms. */
const BLOCKS_A_TURN = 16;

/** A file, or a sealed manifest, that has blocks. */
export interface BlockedContent {
  /** Names it in errors: “notes.txt”. */
  readonly name: string;
  readonly key: Uint8Array;
  readonly list: BlockList;
}

/** A data block. */
interface Place {
  readonly content: BlockedContent;
  readonly level: number;
  readonly segment: number;
  readonly position: number;
}

/** Address number `position` of a level, check blocks included. */
export type AddressOf = (
  content: BlockedContent,
  level: number,
  position: number,
  options: FetchOptions,
) => Promise<Uint8Array>;

export class SegmentReader {
  readonly #deps: ReadDeps;
  readonly #fetcher: BlockFetcher;
  readonly #addressOf: AddressOf;
  /** What was read last or is being fetched, by address, the oldest first: used for making segments anew. */
  readonly #recent = new Map<string, Promise<Uint8Array>>();
  /** Segments that are being made anew, or wait for their turn: not more than there are blocks in the windows. */
  readonly #recovering = new Map<string, Promise<Uint8Array[]>>();
  /** The one that was made last, so that neighbours of a missing block, which are read next, cost nothing: 4 MiB at most. */
  #last: { readonly key: string; readonly payloads: readonly Uint8Array[] } | undefined;
  /** One segment is in the making at a time: 4 MiB at most. */
  #turn: Promise<void> = Promise.resolve();
  #readers = 0;

  constructor(deps: ReadDeps, fetcher: BlockFetcher, addressOf: AddressOf) {
    this.#deps = deps;
    this.#fetcher = fetcher;
    this.#addressOf = addressOf;
  }

  /** Blocks held in memory, for making segments anew and because they were. */
  get held(): number {
    return this.#recent.size + (this.#last?.payloads.length ?? 0);
  }

  /** To be called when somebody begins to read; what it returns, once, when that ends. With the last, all blocks are let go. */
  enter(): () => void {
    this.#readers += 1;
    return () => {
      this.#readers -= 1;
      if (this.#readers > 0) return;
      this.#recent.clear();
      this.#last = undefined;
    };
  }

  /**
   * The payload of block `index` of a level (a view, not to be changed). `what` names it in errors. Throws as
   * BlockFetcher.fetch does when too few blocks of its segment are left.
   */
  async payload(
    content: BlockedContent,
    level: number,
    index: number,
    what: string,
    options: FetchOptions,
  ): Promise<Uint8Array> {
    const segment = Math.floor(index / SEGMENT_BLOCKS);
    const position = index % SEGMENT_BLOCKS;
    const key = `${content.name} ${level} ${segment}`;
    const known = await this.#known(key, options.signal);
    if (known !== undefined) return known[position]!;
    const address = await this.#addressOf(content, level, codedPosition(index, content.list.least), options);
    try {
      const place = { content, level, segment, position };
      return await this.#unlessSlow(this.#fetch(address, what, options), place, options);
    } catch (thrown) {
      if (!isMissing(thrown)) throw thrown;
      try {
        const payload = (await this.recover(content, level, segment, options, position))[position]!;
        this.#deps.heal?.(address, payload);
        return payload;
      } catch (failure) {
        throwIfAborted(options.signal);
        if (!(failure instanceof BroadsideError) || failure.code === 'damaged') throw failure;
        // Copies may be in motion, so the block itself has its other tries; should they fail, the error names it.
        return this.#fetcher.fetch(address, what, options);
      }
    }
  }

  /**
   * All data blocks of a segment, from any of its blocks, without that at `missing`, which need not be asked for. Throws
   * `not-found` when too few are there, and `damaged` when its check blocks were wrong when they were published.
   */
  async recover(
    content: BlockedContent,
    level: number,
    segment: number,
    options: FetchOptions,
    missing?: number,
  ): Promise<readonly Uint8Array[]> {
    const key = `${content.name} ${level} ${segment}`;
    for (;;) {
      if (this.#last?.key === key) return this.#last.payloads;
      let recovering = this.#recovering.get(key);
      const own = recovering === undefined;
      if (recovering === undefined) {
        recovering = this.#recover(content, level, segment, options, missing).finally(() =>
          this.#recovering.delete(key),
        );
        this.#recovering.set(key, recovering);
      }
      try {
        return await within(recovering, options.signal);
      } catch (thrown) {
        // Another reader's work, given up for that reader's reasons, is begun anew.
        if (own || options.signal?.aborted || !(thrown instanceof BroadsideError) || thrown.code !== 'cancelled')
          throw thrown;
      }
    }
  }

  /** The block, or the same made of others when it takes long: whichever is there first. Throws what the fetching throws. */
  async #unlessSlow(fetching: Promise<Uint8Array>, place: Place, options: FetchOptions): Promise<Uint8Array> {
    const { hedging } = this.#fetcher;
    const { content, level, segment, position } = place;
    const key = `${content.name} ${level} ${segment}`;
    for (;;) {
      if ((await this.#within(fetching, hedging.afterMs())) || options.signal?.aborted || hedging.isOff)
        return fetching;
      // The others are there or being asked for already: that costs nothing more.
      if (this.#recovering.has(key) || this.#last?.key === key) break;
      if (hedging.take(1 + (await this.#behind(place, options)))) break;
    }
    const made = this.recover(content, level, segment, options, position).then((payloads) => payloads[position]!);
    // What the fetching ends with is what counts, unless the others are quicker: they may well be too few.
    return Promise.race([fetching, made.catch(() => fetching)]);
  }

  /** Blocks of the segment that were passed or jumped over, and would be fetched for nothing but this one. */
  async #behind({ content, level, segment, position }: Place, options: FetchOptions): Promise<number> {
    const { first } = segmentAt(
      levelShapes(content.list.sizeBytes, content.list.least)[level]!.blocks,
      segment,
      content.list.least,
    );
    let count = 0;
    for (let before = 0; before < position; before += 1) {
      const address = await this.#addressOf(content, level, first + before, options);
      if (!this.#recent.has(toHex(address))) count += 1;
    }
    return count;
  }

  /** Whether a promise is settled within a time. */
  #within(promise: Promise<unknown>, timeMs: number): Promise<boolean> {
    if (!Number.isFinite(timeMs)) return Promise.resolve(true);
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(timeMs, () => resolve(false));
      const settled = (): void => {
        cancel();
        resolve(true);
      };
      promise.then(settled, settled);
    });
  }

  async #known(key: string, signal: AbortSignal | undefined): Promise<readonly Uint8Array[] | undefined> {
    if (this.#last?.key === key) return this.#last.payloads;
    try {
      // Its blocks are being fetched already: to wait is to fetch them once.
      const recovering = this.#recovering.get(key);
      return recovering === undefined ? undefined : await within(recovering, signal);
    } catch {
      throwIfAborted(signal);
      return undefined;
    }
  }

  async #recover(
    content: BlockedContent,
    level: number,
    segment: number,
    options: FetchOptions,
    missing: number | undefined,
  ): Promise<Uint8Array[]> {
    const { sizeBytes, least } = content.list;
    const { first, data, check } = segmentAt(levelShapes(sizeBytes, least)[level]!.blocks, segment, least);
    // Before its turn: list blocks that are missing have segments, and turns, of their own.
    const addresses: Uint8Array[] = [];
    for (let position = 0; position < data + check; position += 1) {
      addresses.push(await this.#addressOf(content, level, first + position, options));
    }
    const before = this.#turn;
    const turn = Promise.withResolvers<void>();
    this.#turn = turn.promise;
    try {
      await before;
      throwIfAborted(options.signal);
      const lost = new Set<number>();
      const there = await this.#fetchEnough(addresses, data, missing, `a block of ${content.name}`, lost, options);
      if (there.size < data) {
        throw new BroadsideError('not-found', `Too few blocks are left of a part of ${content.name}. Try again later.`);
      }
      const payloads = await this.#solve(addresses, data, there, content.name, options);
      this.#heal(addresses, payloads, lost);
      this.#last = { key: `${content.name} ${level} ${segment}`, payloads };
      return payloads;
    } finally {
      turn.resolve();
    }
  }

  /**
   * `data` of the blocks, by position, or as many as there are. Data blocks first: they are wanted next, or kept here. One
   * that takes long is not counted on any more, and another asked for; what is still on its way at the end is given up.
   * `lost` takes those that nobody had.
   */
  async #fetchEnough(
    addresses: readonly Uint8Array[],
    data: number,
    missing: number | undefined,
    what: string,
    lost: Set<number>,
    options: FetchOptions,
  ): Promise<Map<number, Uint8Array>> {
    const left = [...addresses.keys()].filter((position) => position !== missing);
    const there = new Map<number, Uint8Array>();
    const enough = Promise.withResolvers<void>();
    const done = new AbortController();
    const signal = options.signal === undefined ? done.signal : AbortSignal.any([options.signal, done.signal]);
    const slow = new Set<Promise<void>>();
    const { hedging } = this.#fetcher;
    let asked = 0;
    const get = async (position: number): Promise<void> => {
      try {
        const payload = await this.#recentOrFetch(addresses[position]!, what, { ...options, signal });
        if (there.size < data) there.set(position, payload);
        if (there.size === data) enough.resolve();
      } catch (thrown) {
        throwIfAborted(signal);
        if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
        if (isMissing(thrown)) lost.add(position);
      }
    };
    const lane = async (): Promise<void> => {
      while (there.size + asked < data && there.size + asked + slow.size + left.length >= data) {
        const position = left.shift();
        if (position === undefined) return;
        asked += 1;
        const getting = get(position);
        const isSettled = await this.#within(getting, hedging.afterMs());
        if (isSettled || hedging.isOff) {
          await getting.finally(() => (asked -= 1));
          continue;
        }
        asked -= 1;
        slow.add(getting);
        const forget = (): void => void slow.delete(getting);
        getting.then(forget, forget);
      }
    };
    const all = Promise.all(Array.from({ length: Math.min(FETCHES_AT_ONCE, data) }, lane)).then(() =>
      Promise.all(slow),
    );
    try {
      await Promise.race([all, enough.promise]);
      throwIfAborted(options.signal);
      return there;
    } finally {
      done.abort(cancelled(undefined));
      all.catch(() => undefined);
    }
  }

  /** What the network has lost, and is here again, is put back. `payloads`: of all data blocks. */
  #heal(addresses: readonly Uint8Array[], payloads: readonly Uint8Array[], lost: ReadonlySet<number>): void {
    const { heal, combiner } = this.#deps;
    if (heal === undefined) return;
    const data = payloads.length;
    for (const position of lost) {
      if (position < data) {
        heal(addresses[position]!, payloads[position]!);
        continue;
      }
      const check = position - data;
      const payload = new Uint8Array(PAYLOAD_BYTES);
      combiner.combine([payload], payloads, checkMatrix(data, check + 1).subarray(check * data));
      heal(addresses[position]!, payload);
    }
  }

  #fetch(address: Uint8Array, what: string, options: FetchOptions): Promise<Uint8Array> {
    const key = toHex(address);
    const fetching = this.#fetcher.fetch(address, what, { ...options, replaceable: true });
    this.#recent.delete(key);
    this.#recent.set(key, fetching);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= RECENT_BLOCKS) break;
      this.#recent.delete(oldest);
    }
    fetching.catch(() => {
      if (this.#recent.get(key) === fetching) this.#recent.delete(key);
    });
    return fetching;
  }

  async #recentOrFetch(address: Uint8Array, what: string, options: FetchOptions): Promise<Uint8Array> {
    try {
      const recent = this.#recent.get(toHex(address));
      if (recent !== undefined) return await within(recent, options.signal);
    } catch (thrown) {
      throwIfAborted(options.signal);
      if (isMissing(thrown)) throw thrown;
      // Its reader gave up for reasons of its own.
    }
    return this.#fetcher.fetch(address, what, { ...options, replaceable: true });
  }

  async #solve(
    addresses: readonly Uint8Array[],
    data: number,
    there: ReadonlyMap<number, Uint8Array>,
    name: string,
    options: FetchOptions,
  ): Promise<Uint8Array[]> {
    const { crypto, combiner } = this.#deps;
    const present = [...there.keys()].toSorted((a, b) => a - b);
    const sources = present.map((position) => there.get(position)!);
    const matrix = recoveryMatrix(data, present);
    const absent = Array.from({ length: data }, (_, position) => position).filter((position) => !there.has(position));
    const made = new Map<number, Uint8Array>();
    for (let start = 0; start < absent.length; start += BLOCKS_A_TURN) {
      const positions = absent.slice(start, start + BLOCKS_A_TURN);
      const payloads = positions.map(() => new Uint8Array(PAYLOAD_BYTES));
      combiner.combine(payloads, sources, matrix.subarray(start * data, (start + positions.length) * data));
      for (const [at, position] of positions.entries()) {
        const payload = payloads[at]!;
        if (!bytesEqual(contentAddress(crypto, payload), addresses[position]!)) {
          throw new BroadsideError(
            'damaged',
            `The check blocks of ${name} are damaged as they were published. Only its publisher can mend that.`,
          );
        }
        made.set(position, payload);
        await this.#fetcher.keep(addresses[position]!, payload);
      }
      await new Promise<void>((resolve) => setImmediate(resolve));
      throwIfAborted(options.signal);
    }
    return Array.from({ length: data }, (_, position) => made.get(position) ?? there.get(position)!);
  }
}

/** Nobody has it, or nobody has it whole: other blocks may be there. A network that is busy or gone has none of them. */
function isMissing(thrown: unknown): boolean {
  return thrown instanceof BroadsideError && (thrown.code === 'not-found' || thrown.code === 'damaged');
}
