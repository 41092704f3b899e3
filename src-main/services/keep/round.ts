/**
 * One look after a publication that is kept alive: all its slots and blocks are held here, and what others have lost is put
 * back. Anybody can do it who has the link: slots are signed and blocks name themselves, so no password is needed.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Share } from '../../../shared/ipc/model.ts';
import type { BlockStore } from '../../core/ports.ts';
import type { Manifest, ManifestFile } from '../../core/publish/manifest.ts';
import { manifestBlocksKey } from '../../core/publish/piece.ts';
import { PAYLOAD_BYTES } from '../../core/wire/record.ts';
import { throwIfAborted } from '../flow/waiting.ts';
import { BlockFetcher } from '../read/block-fetcher.ts';
import type { ReadDeps } from '../read/block-fetcher.ts';
import { BlockReader } from '../read/block-reader.ts';
import { followLinks, placesOf } from '../read/gather.ts';
import { PublicationReader } from '../read/publication-reader.ts';
import { ShareSolver } from '../read/share-solver.ts';
import type { Solution } from '../read/share-solver.ts';
import { KeptNetwork } from './kept-network.ts';
import { SegmentKeeper } from './segment-keeper.ts';
import type { SegmentTally } from './segment-keeper.ts';
import { segmentsOf } from './segment-walk.ts';
import type { WalkedContent } from './segment-walk.ts';
import { keepSlots } from './slot-keeper.ts';
import type { KeptSlots } from './slot-keeper.ts';

/**
 * Blocks asked for in one round that are held already, 64 MiB; the rounds go through a larger publication in turn. All that
 * is not held is fetched in any round.
 */
export const MAX_LOOKED = 2_048;

export interface KeepDeps extends ReadDeps {
  readonly kept: BlockStore;
}

export interface KeepProgress {
  readonly shares: readonly Share[];
  readonly sharesHeld: number;
  readonly sharesPutBack: number;
  readonly blocks: Readonly<SegmentTally>;
  /** Known once the manifest is; of all files, lists and the manifest. */
  readonly blocksTotal: number | undefined;
}

export interface KeepResult extends KeepProgress {
  /** Of the newest edition, which is what is kept. */
  readonly link: PublicationLink;
  readonly manifest: Manifest | undefined;
  /** Enough shares, and no segment beyond repair. */
  readonly retrievable: boolean;
  /** The first segment that the next round looks at. */
  readonly nextSegment: number;
}

export interface KeepOptions {
  readonly signal: AbortSignal;
  readonly fromSegment: number;
  /** For the blocks of this publication, in bytes. */
  readonly roomBytes: number;
  readonly onProgress: (progress: KeepProgress) => void;
}

const NO_BLOCKS: SegmentTally = { blocks: 0, held: 0, looked: 0, found: 0, putBack: 0, unplaced: 0, lost: 0 };

/** Throws BroadsideError: deleted, no-space, offline, no-route, busy, bad-link, damaged, cancelled. */
export async function keepRound(deps: KeepDeps, link: PublicationLink, options: KeepOptions): Promise<KeepResult> {
  const { signal, onProgress } = options;
  const keptNetwork = new KeptNetwork(deps.kept, deps.crypto, deps.network);
  const none = { sharesHeld: 0, sharesPutBack: 0, blocks: NO_BLOCKS, blocksTotal: undefined };
  const slots: KeptSlots = await followLinks(link, (current) =>
    keepSlots({ ...deps, keptNetwork }, current, signal, (shares) => onProgress({ ...none, shares })),
  );
  const { opened: _, ...rest } = deps;
  const keptDeps = { ...rest, network: keptNetwork };
  const fetcher = new BlockFetcher(keptDeps, { keep: false });
  const ofSlots = { shares: slots.shares, sharesHeld: slots.held, sharesPutBack: slots.putBack };
  const solution = await new ShareSolver(keptDeps, slots.link, slots.evidence.shares, fetcher, signal).solve(true);
  if (solution === undefined) {
    const nothing = { ...none, ...ofSlots, link: slots.link, manifest: undefined };
    return { ...nothing, retrievable: false, nextSegment: 0 };
  }
  const contents = contentsOf(keptDeps, slots, solution, fetcher);
  let [segments, blocksTotal] = [0, 0];
  for (const { data, check } of segmentsOf(contents)) {
    segments += 1;
    blocksTotal += data + check;
  }
  if (blocksTotal * PAYLOAD_BYTES > options.roomBytes) {
    throw new BroadsideError(
      'no-space',
      'It is larger than the room that is left for what is kept alive. Give it more (keep-quota-bytes), or keep fewer publications.',
    );
  }
  const keeper: SegmentKeeper = new SegmentKeeper({ ...deps, keptNetwork }, fetcher, signal, () =>
    onProgress({ ...ofSlots, blocks: { ...keeper.tally }, blocksTotal }),
  );
  const leave = contents.map(({ reader }) => reader.lists.segments.enter());
  let nextSegment = segments === 0 ? 0 : options.fromSegment % segments;
  try {
    // From where the last round ended, round once, so that the part that is looked at moves on.
    let looked = 0;
    for (const [order, segment] of inTurnFrom(contents, nextSegment, segments)) {
      throwIfAborted(signal);
      const looks = looked < MAX_LOOKED;
      if (looks) {
        looked += segment.data + segment.check;
        nextSegment = (order + 1) % segments;
      }
      await keeper.keep(segment, looks);
    }
  } finally {
    for (const done of leave) done();
  }
  const { tally } = keeper;
  return {
    ...ofSlots,
    blocks: { ...tally },
    blocksTotal,
    link: slots.link,
    manifest: solution.manifest,
    retrievable: tally.lost === 0,
    nextSegment,
  };
}

/**
 * Every address of what is held of an edition, told by what is held alone; what is not held is left out. Contents of `but`
 * are left out too: another edition may have them as well.
 */
export async function* heldAddresses(
  deps: KeepDeps,
  link: PublicationLink,
  signal: AbortSignal,
  but?: Manifest,
): AsyncGenerator<Uint8Array, void, void> {
  const offline = new KeptNetwork(deps.kept, deps.crypto);
  const { opened: _, ...rest } = deps;
  const heldDeps = { ...rest, network: offline };
  const fetcher = new BlockFetcher(heldDeps, { keep: false });
  const keepDeps = { ...heldDeps, keptNetwork: offline };
  const found = await keepSlots(keepDeps, link, signal, () => undefined).catch(() => undefined);
  const solution =
    found !== undefined && 'evidence' in found
      ? await new ShareSolver(heldDeps, link, found.evidence.shares, fetcher, signal).solve(true).catch(() => undefined)
      : undefined;
  if (found !== undefined && 'evidence' in found && solution !== undefined) {
    const others = new Set(but?.files.map(rootOf));
    const contents = contentsOf(heldDeps, found, solution, fetcher);
    const own = contents.filter(({ content }) => !others.has(toHex(content.list.roots[0]!)));
    for (const { content, reader, level, first, data, check } of segmentsOf(own)) {
      for (let at = 0; at < data + check; at += 1) {
        const options = { priority: 'bulk', signal } as const;
        const address = await reader.lists.addressOf(content, level, first + at, options).catch(() => undefined);
        if (address !== undefined) yield address;
      }
    }
  }
  // Last, for they lead to all the others, should this be interrupted.
  for (const { address } of placesOf(heldDeps, link)) yield address;
}

/** By which a file's blocks are known from one edition to the next. */
function rootOf({ content }: ManifestFile): string {
  return content.kind === 'inline' ? '' : toHex(content.list.roots[0]!);
}

/** What has blocks: the manifest where it is long, then the files. */
function contentsOf(deps: ReadDeps, slots: KeptSlots, solution: Solution, fetcher: BlockFetcher): WalkedContent[] {
  const { contentKey, manifest } = solution;
  const contents: WalkedContent[] = [];
  const [share] = slots.evidence.shares;
  if (share?.body.kind === 'blocks') {
    const key = manifestBlocksKey(deps.crypto, contentKey);
    const content = { name: 'the list of its files', key, list: share.body.list };
    contents.push({ content, reader: new BlockReader(deps, fetcher) });
  }
  const publication = new PublicationReader(deps, { link: slots.link, contentKey, manifest }, fetcher);
  for (const file of manifest.files) {
    const blocks = publication.blocksOf(file);
    if (blocks !== undefined) contents.push(blocks);
  }
  return contents;
}

/** All segments once, with their numbers, the one numbered `from` first. */
function* inTurnFrom(contents: readonly WalkedContent[], from: number, count: number) {
  for (const [begin, end] of [
    [from, count],
    [0, from],
  ] as const) {
    let order = 0;
    for (const segment of segmentsOf(contents)) {
      if (order >= begin && order < end) yield [order, segment] as const;
      order += 1;
    }
  }
}
