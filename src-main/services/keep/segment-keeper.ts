/** Holds every block of a segment here, and sees to it that others have them. */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { checkMatrix } from '../../core/publish/reed-solomon.ts';
import type { BlockStore } from '../../core/ports.ts';
import { contentAddress, encodeRecord, KIND_CONTENT, PAYLOAD_BYTES } from '../../core/wire/record.ts';
import { throwIfAborted, wait } from '../flow/waiting.ts';
import { insertRecord } from '../publish/uploader.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import type { BlockFetcher } from '../read/block-fetcher.ts';
import type { KeptNetwork } from './kept-network.ts';
import { addressesOf } from './segment-walk.ts';
import type { WalkedSegment } from './segment-walk.ts';

/** Blocks asked for at once: a keeper has time, and others have not. Guess. */
const AT_ONCE = 8;
/** Times that a block has to be answered "not found" before it counts as missing, each by another way. */
const NOT_FOUND_TRIES = 2;
const RETRY_AFTER_MS = 1_000;

export interface SegmentTally {
  blocks: number;
  /** Held here, of `blocks`. */
  held: number;
  /** Asked for past what is held here, and how many of them came. */
  looked: number;
  found: number;
  putBack: number;
  /** Missing elsewhere, and nobody took it now: another round tries again. */
  unplaced: number;
  /** Neither held nor found nor to be made anew. */
  lost: number;
}

export interface SegmentKeeperDeps extends ReadDeps {
  readonly kept: BlockStore;
  readonly keptNetwork: KeptNetwork;
}

export class SegmentKeeper {
  readonly tally: SegmentTally = { blocks: 0, held: 0, looked: 0, found: 0, putBack: 0, unplaced: 0, lost: 0 };
  readonly #deps: SegmentKeeperDeps;
  readonly #fetcher: BlockFetcher;
  readonly #signal: AbortSignal;
  readonly #changed: () => void;

  /** `fetcher` reads through the kept network. `changed` is called whenever the tally has changed. */
  constructor(deps: SegmentKeeperDeps, fetcher: BlockFetcher, signal: AbortSignal, changed: () => void) {
    this.#deps = deps;
    this.#fetcher = fetcher;
    this.#signal = signal;
    this.#changed = changed;
  }

  /** `looks`: asks the network for those that are held already. Throws BroadsideError: no-space, no-route, busy, cancelled. */
  async keep(segment: WalkedSegment, looks: boolean): Promise<void> {
    const signal = this.#signal;
    const addresses = await this.#addresses(segment);
    if (addresses === undefined) return;
    const missing: number[] = [];
    await inTurns(addresses, async (address, at) => {
      throwIfAborted(signal);
      this.tally.blocks += 1;
      if (!(await this.#deps.kept.has(address))) {
        this.tally.looked += 1;
        if (await this.#fetched(address, segment.content.name)) {
          this.tally.found += 1;
          this.tally.held += 1;
        } else {
          missing.push(at);
        }
      } else {
        this.tally.held += 1;
        if (looks) await this.#look(address);
      }
      this.#changed();
    });
    if (missing.length > 0) await this.#remake(segment, addresses, missing);
    this.#changed();
  }

  /** Undefined when the list that names them is lost: they count as lost. */
  async #addresses(segment: WalkedSegment): Promise<Uint8Array[] | undefined> {
    try {
      return await addressesOf(segment, { priority: 'bulk', signal: this.#signal });
    } catch (thrown) {
      throwIfAborted(this.#signal);
      if (!isMissing(thrown)) throw thrown;
      this.tally.blocks += segment.data + segment.check;
      this.tally.lost += segment.data + segment.check;
      return undefined;
    }
  }

  async #fetched(address: Uint8Array, name: string): Promise<boolean> {
    try {
      await this.#fetcher.fetch(address, name, { priority: 'bulk', signal: this.#signal, replaceable: true });
      return true;
    } catch (thrown) {
      throwIfAborted(this.#signal);
      if (!isMissing(thrown)) throw thrown;
      return false;
    }
  }

  /** Whether others have what is held here; it is put back where they have not. */
  async #look(address: Uint8Array): Promise<void> {
    const { network, clock } = this.#deps;
    const signal = this.#signal;
    for (let notFound = 0; notFound < NOT_FOUND_TRIES; notFound += 1) {
      if (notFound > 0) await wait(clock, RETRY_AFTER_MS, signal);
      const outcome = await network.request(address, { kind: 'content', priority: 'bulk', skipOwn: true, signal });
      throwIfAborted(signal);
      if (outcome.ok) {
        this.tally.looked += 1;
        this.tally.found += 1;
        return;
      }
      // Nobody knows whether it is there: another round will tell.
      if (outcome.code !== 'not-found') return;
    }
    this.tally.looked += 1;
    const record = await this.#deps.kept.get(address);
    if (record !== undefined) await this.#putBack(record);
  }

  /** Makes what is neither here nor there of the rest of its segment. */
  async #remake(segment: WalkedSegment, addresses: readonly Uint8Array[], missing: readonly number[]): Promise<void> {
    const { content, reader, level, number, data, check } = segment;
    let payloads: readonly Uint8Array[];
    try {
      payloads = await reader.lists.segments.recover(content, level, number, {
        priority: 'bulk',
        signal: this.#signal,
      });
    } catch (thrown) {
      throwIfAborted(this.#signal);
      if (!isMissing(thrown)) throw thrown;
      this.tally.lost += missing.length;
      return;
    }
    const matrix = missing.some((at) => at >= data) ? checkMatrix(data, check) : undefined;
    for (const at of missing) {
      throwIfAborted(this.#signal);
      let payload = payloads[at];
      if (at >= data) {
        payload = new Uint8Array(PAYLOAD_BYTES);
        this.#deps.combiner.combine([payload], payloads, matrix!.subarray((at - data) * data, (at - data + 1) * data));
      }
      if (payload === undefined || !bytesEqual(contentAddress(this.#deps.crypto, payload), addresses[at]!)) {
        // It was listed wrongly when it was published: nobody can have it.
        this.tally.lost += 1;
        continue;
      }
      const record = encodeRecord({ kind: KIND_CONTENT, payload });
      await this.#deps.keptNetwork.hold(addresses[at]!, record);
      this.tally.held += 1;
      await this.#putBack(record);
    }
  }

  async #putBack(record: Uint8Array): Promise<void> {
    const outcome = await insertRecord(this.#deps, record, 'bulk', this.#signal, () => undefined);
    throwIfAborted(this.#signal);
    if (outcome.ok) this.tally.putBack += 1;
    else this.tally.unplaced += 1;
  }
}

/** What is not to be had, as opposed to what cannot be asked for now. */
function isMissing(thrown: unknown): boolean {
  return thrown instanceof BroadsideError && (thrown.code === 'not-found' || thrown.code === 'damaged');
}

/** AT_ONCE at a time, in order. */
async function inTurns<Item>(items: readonly Item[], work: (item: Item, at: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      await work(items[at]!, at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
}
