/** A publisher on real parts but for the network, and a reader made of nothing but core/publish that checks what it did. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesEqual, concatBytes, toHex } from '../../shared/base/bytes.ts';
import { parseLink } from '../../shared/base/links.ts';
import type { PublishRequest, UpdateRequest } from '../../shared/ipc/contract.ts';
import type { DeleteJob, Job, PublishJob, UpdateJob } from '../../shared/ipc/model.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import type { KdfBounds } from '../../src-main/core/publish/author.ts';
import { addressAt, levelShapes, LIST_ADDRESSES, openListBlock } from '../../src-main/core/publish/block-list.ts';
import type { BlockList } from '../../src-main/core/publish/block-list.ts';
import { decodeManifest, keyOfFile, openManifest, plaintextDigest } from '../../src-main/core/publish/manifest.ts';
import type { Manifest } from '../../src-main/core/publish/manifest.ts';
import { badShares } from '../../src-main/core/publish/names.ts';
import { manifestBlocksKey, openPiece } from '../../src-main/core/publish/piece.ts';
import { SegmentEncoder } from '../../src-main/core/publish/segments.ts';
import { combineShares } from '../../src-main/core/publish/shares.ts';
import { readSlot, slotPlaces } from '../../src-main/core/publish/slot.ts';
import { decodeRecord, KIND_CONTENT } from '../../src-main/core/wire/record.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import type { Clock } from '../../src-main/services/jobs/clock.ts';
import { JobRegistry } from '../../src-main/services/jobs/job-registry.ts';
import { Library } from '../../src-main/services/library/library.ts';
import { MetadataCare } from '../../src-main/services/metadata/metadata.ts';
import { Sources } from '../../src-main/services/publish/source.ts';
import { Publisher } from '../../src-main/services/publish/publish.ts';
import { UnfinishedPublications } from '../../src-main/services/publish/unfinished.ts';
import { Reviser } from '../../src-main/services/revise/revise.ts';
import { Listings } from '../../src-main/services/search/listings.ts';
import { Staging } from '../../src-main/services/staging/staging.ts';
import { createCombiner } from '../../src-main/workers/coding/combiner.ts';
import { MetadataPool } from '../../src-main/workers/metadata/pool.ts';
import { SealingPool } from '../../src-main/workers/sealing/pool.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createPasswordHash } from '../../src-main/workers/sodium/password-hash.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryBlockNetwork } from './memory-block-network.ts';
import type { MemoryBlockNetworkOptions } from './memory-block-network.ts';
import { MemoryLibraryStore } from './memory-stores.ts';

/** Cheap, because what Argon2id costs is not tested here. */
export const PRACTICE_COST = { passes: 1, memoryKib: 64 };
export const PRACTICE_BOUNDS: KdfBounds = { least: PRACTICE_COST, most: { passes: 10, memoryKib: 1_048_576 } };

/** Seals journals of what is being sent. */
export const JOURNAL_KEY = new Uint8Array(32).fill(9);

/** Real time, but waits end at once: what is tested after a pause is what follows it. */
export const eagerClock: Clock = {
  ...systemClock,
  after(_delayMs, action) {
    const immediate = setImmediate(action);
    return () => clearImmediate(immediate);
  },
};

/** One of each for all machines: they begin more slowly than they work, and an idle one keeps no process alive. */
const sealing = new SealingPool({ threads: 1 });
const metadataTools = new MetadataPool();

export interface TestPublisherOptions extends Omit<MemoryBlockNetworkOptions, 'crypto'> {
  readonly clock?: Clock;
  readonly neighbours?: () => number;
  /** That of another machine, which then has everything in common with this one but its disk. */
  readonly network?: MemoryBlockNetwork;
  /** Where journals of what is being sent are, from an earlier run too; without it there are none. */
  readonly publishing?: string;
}

export async function createTestPublisher(options: TestPublisherOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'broadside-publish-'));
  const crypto = createSodiumCrypto();
  const random = createSystemRandom();
  const clock = options.clock ?? eagerClock;
  const network = options.network ?? new MemoryBlockNetwork({ crypto, ...options });
  const events: Job[] = [];
  let count = 0;
  const jobs = new JobRegistry({
    clock,
    newId: () => `job-${(count += 1)}`,
    onJob: (job) => events.push(job),
    onGone: () => undefined,
  });
  const libraryStore = new MemoryLibraryStore();
  const library = await Library.load(libraryStore, () => undefined);
  const staging = await Staging.open({ directory: join(directory, 'staging'), random });
  const { publishing } = options;
  const unfinishedDeps = { crypto, random, clock, key: JOURNAL_KEY };
  const unfinished =
    publishing === undefined
      ? undefined
      : await UnfinishedPublications.load({ ...unfinishedDeps, directory: publishing });
  const sources = new Sources(staging);
  /** Listings and removals that hubs were told of; time stands still for those that are renewed. */
  const listed: Uint8Array[] = [];
  const queries = {
    list: (record: Uint8Array): Promise<'done'> => {
      listed.push(record);
      return Promise.resolve('done');
    },
  };
  const listings = new Listings(
    {
      ...{ clock: new ManualClock(Date.UTC(2026, 0, 1)), random, crypto, libraryStore, queries },
      ...{
        verify: () => Promise.resolve('true' as const),
        neighbours: () => 3,
        onDefect: (thrown: unknown) => assert.fail(String(thrown)),
      },
    },
    [],
  );
  const deps = {
    listings,
    metadata: new MetadataCare({ clock, sources, tools: metadataTools, userName: 'ottoline' }),
    jobs,
    library,
    staging,
    network,
    crypto,
    combiner: createCombiner(),
    random,
    clock,
    sealing,
    passwordHash: createPasswordHash(),
    kdfCost: PRACTICE_COST,
    kdfBounds: PRACTICE_BOUNDS,
    ...(unfinished === undefined ? {} : { unfinished }),
    ...(options.neighbours === undefined ? {} : { neighbours: options.neighbours }),
  };
  const publisher = new Publisher(deps);
  const reviser = new Reviser(deps);
  return {
    directory,
    crypto,
    random,
    network,
    events,
    jobs,
    library,
    libraryStore,
    listed,
    staging,
    publisher,
    reviser,
    /** What reading takes. */
    deps,
    async update(
      link: string,
      password: string,
      path: string,
      change: Partial<UpdateRequest> = {},
    ): Promise<UpdateJob> {
      const id = reviser.startUpdate({ link, password, source: { kind: 'path', path }, ...change });
      return (await jobs.settled(id)) as UpdateJob;
    },
    async changePassword(link: string, password: string, newPassword: string): Promise<UpdateJob> {
      return (await jobs.settled(await reviser.startPasswordChange({ link, password, newPassword }))) as UpdateJob;
    },
    async delete(link: string, password: string): Promise<DeleteJob> {
      return (await jobs.settled(reviser.startDelete({ link, password }))) as DeleteJob;
    },
    async publish(path: string, change: Partial<PublishRequest> = {}): Promise<PublishJob> {
      const id = await publisher.start({ source: { kind: 'path', path }, k: 3, n: 10, class: 'updatable', ...change });
      return (await jobs.settled(id)) as PublishJob;
    },
    async close(): Promise<void> {
      await jobs.close();
      await staging.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
export type TestPublisher = Awaited<ReturnType<typeof createTestPublisher>>;

export interface ReadBack {
  readonly manifest: Manifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Content blocks that were needed, each once. */
  readonly blocks: number;
  readonly edition: number;
}

/** Reads a publication by its link out of what the network holds, with the last k slots there are; asserts everything on the way. */
export function readBack(crypto: Crypto, network: MemoryBlockNetwork, text: string): ReadBack {
  const parsed = parseLink(text);
  assert.ok(parsed.ok, `the link parses: ${text}`);
  const link = parsed.value;
  const places = slotPlaces(crypto, link);
  assert.ok(places);
  const slots = places.flatMap((place) => {
    const record = network.records.get(toHex(place.address));
    if (record === undefined) return [];
    const read = readSlot(crypto, link, place, record);
    assert.ok(read.ok, `slot ${place.index} is valid`);
    return [read.value.payload];
  });
  assert.ok(slots.length >= link.k, 'enough slots');
  const used = slots.slice(-link.k);
  const shares = used.map(({ index, body }) => {
    assert.ok(body.kind === 'inline' || body.kind === 'blocks');
    return { index, share: body.share };
  });
  const contentKey = combineShares(crypto, shares);
  assert.ok(contentKey, 'the shares combine');
  const seen = new Set<string>();
  const blockOf = (address: Uint8Array): Uint8Array => {
    const record = network.records.get(toHex(address));
    assert.ok(record, 'the block is there');
    seen.add(toHex(address));
    const decoded = decodeRecord(record);
    assert.ok(decoded.ok && decoded.value.kind === KIND_CONTENT);
    return decoded.value.payload;
  };
  const combiner = createCombiner();
  /** The data blocks of a level, whose check blocks have to be what they should. */
  const dataOf = (addresses: readonly Uint8Array[], blocks: number, least: number): Uint8Array[] => {
    const encoder = new SegmentEncoder(combiner, blocks, least);
    const left = [...addresses];
    return Array.from({ length: blocks }, () => {
      const payload = blockOf(left.shift()!);
      for (const check of encoder.add(payload)) assert.ok(bytesEqual(check, blockOf(left.shift()!)), 'a check block');
      return payload;
    });
  };
  const wholeOf = (list: BlockList, key: Uint8Array): Uint8Array => {
    const shapes = levelShapes(list.sizeBytes, list.least);
    let addresses = list.roots;
    for (let level = list.levels; level > 0; level -= 1) {
      const below = shapes[level - 1]!.addresses;
      addresses = dataOf(addresses, shapes[level]!.blocks, list.least).flatMap((payload, index) => {
        const count = Math.min(LIST_ADDRESSES, below - index * LIST_ADDRESSES);
        const opened = openListBlock(crypto, key, { level, index, count }, payload);
        assert.ok(opened.ok);
        return Array.from({ length: count }, (_, position) => addressAt(opened.value, position));
      });
    }
    const pieces = dataOf(addresses, shapes[0]!.blocks, list.least).map((payload, piece) => {
      const opened = openPiece(crypto, key, piece, list.sizeBytes, payload);
      assert.ok(opened.ok, `piece ${piece} opens`);
      return opened.value;
    });
    return concatBytes(...pieces);
  };
  const { body, names, edition } = used[0]!;
  assert.ok(body.kind === 'inline' || body.kind === 'blocks');
  const sealed =
    body.kind === 'inline' ? body.sealedManifest : wholeOf(body.list, manifestBlocksKey(crypto, contentKey));
  const opened = openManifest(crypto, contentKey, sealed);
  assert.ok(opened, 'the manifest opens');
  const decoded = decodeManifest(opened);
  assert.ok(decoded.ok, 'the manifest decodes');
  const allShares = slots.map((slot) => ({ index: slot.index, share: (slot.body as { share: Uint8Array }).share }));
  assert.deepEqual(badShares(crypto, opened, names, allShares), [], 'every share is named');
  const files = new Map<string, Uint8Array>();
  for (const file of decoded.value.files) {
    const bytes: Uint8Array =
      file.content.kind === 'inline'
        ? file.content.bytes
        : wholeOf(file.content.list, keyOfFile(crypto, contentKey, file)!);
    assert.deepEqual(plaintextDigest(crypto, bytes), file.digest);
    assert.equal(bytes.length, file.sizeBytes);
    files.set(file.path, bytes);
  }
  return { manifest: decoded.value, files, blocks: seen.size, edition };
}
