/** How well a publication can be had by others: every share asked for, and a sample of its blocks, past what is kept here. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { shortLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { CheckJob, Health, Share } from '../../../shared/ipc/model.ts';
import type { Random } from '../../core/ports.ts';
import { levelShapes } from '../../core/publish/block-list.ts';
import { segmentOf } from '../../core/publish/segments.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import type { BlockReader } from './block-reader.ts';
import { canonicalLink, followLinks, linkFromText, noteDeleted, placesOf } from './gather.ts';
import type { Moved } from './gather.ts';
import { gatherFailure } from './gather-failure.ts';
import { PublicationReader } from './publication-reader.ts';
import { shuffled } from './share-combinations.ts';
import { ShareSolver } from './share-solver.ts';
import { SlotEvidence } from './slot-evidence.ts';
import { SlotRequests } from './slot-requests.ts';
import { throwIfAborted } from '../flow/waiting.ts';

/** Blocks asked for: 20 found of 20 say, with 95 % confidence, that at least 86 % of all are there (0.86^20 = 0.05). */
export const SAMPLED_BLOCKS = 20;
/** Segments of missing blocks that are fetched, 4 MiB each, to see whether they can be made anew. Guess. */
const TRIED_SEGMENTS = 3;
const TELL_EVERY_MS = 250;

export interface CheckResult {
  readonly retrievable: boolean;
  /** 1 ... n. */
  readonly shares: readonly { readonly index: number; readonly found: boolean; readonly valid: boolean }[];
  readonly blocks: { readonly sampled: number; readonly found: number };
  /** The newest that the link leads to; known when a share of it came. */
  readonly edition: number | undefined;
}

export interface CheckProgress {
  readonly shares: Share[];
  readonly blocksSampled: number;
  readonly blocksFound: number;
}

export interface CheckOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}

/**
 * Checks the newest edition that the link leads to. Shares that are missing are a result and no error; throws
 * BroadsideError: bad-link, deleted, no-route, offline or busy when nobody could be asked, cancelled.
 */
export async function checkPublication(
  deps: ReadDeps,
  link: PublicationLink,
  options: CheckOptions = {},
): Promise<CheckResult> {
  return followLinks(link, (current) => checkEdition(deps, current, options));
}

async function checkEdition(
  deps: ReadDeps,
  link: PublicationLink,
  options: CheckOptions,
): Promise<CheckResult | Moved> {
  const { signal } = options;
  const places = placesOf(deps, link);
  const requests = new SlotRequests({
    network: deps.network,
    clock: deps.clock,
    addresses: places.map((place) => place.address),
    order: shuffled(
      places.map((place) => place.index),
      deps.random,
    ),
    skipOwn: true,
    ...(signal === undefined ? {} : { signal }),
  });
  const evidence = new SlotEvidence(deps.crypto, link, places);
  const blocks = { sampled: 0, found: 0 };
  const tell = (): void =>
    options.onProgress?.({ shares: requests.shares(), blocksSampled: blocks.sampled, blocksFound: blocks.found });
  try {
    requests.ask(link.n);
    for (;;) {
      tell();
      const answer = await requests.next(TELL_EVERY_MS);
      if (answer === undefined) {
        if (requests.inFlight === 0 && (await requests.retryFailed()) === 0) break;
        continue;
      }
      if (!answer.ok) continue;
      requests.mark(answer.index, evidence.add(answer.index, answer.record) ? 'found' : 'bad');
      evidence.moved();
    }
    const moved = evidence.moved();
    if (moved !== undefined) return moved;
    const failures = requests.failures();
    const unasked = failures['no-route'] + failures.busy;
    if (unasked === link.n) {
      throw gatherFailure({
        k: link.k,
        n: link.n,
        good: 0,
        badSlots: [],
        shareIndices: [],
        failures,
        neighbours: deps.neighbours?.(),
      });
    }
    const found = new Set(evidence.shares.map(({ index }) => index));
    const bad = new Set(evidence.badSlots);
    const complete = await solveAndSample(deps, link, evidence, blocks, bad, tell, signal);
    for (const index of bad) requests.mark(index, 'bad');
    tell();
    return {
      retrievable: complete,
      shares: places.map(({ index }) => ({
        index,
        found: found.has(index) || bad.has(index),
        valid: found.has(index) && !bad.has(index),
      })),
      blocks,
      edition: evidence.edition,
    };
  } finally {
    requests.close();
  }
}

/** True when the shares give the manifest and no block is lost for good; counts blocks, adds to `bad` the shares that do not fit. */
async function solveAndSample(
  deps: ReadDeps,
  link: PublicationLink,
  evidence: SlotEvidence,
  blocks: { sampled: number; found: number },
  bad: Set<number>,
  tell: () => void,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const fetcher = new BlockFetcher(deps, { skipOwn: true });
  const solver = new ShareSolver(deps, link, evidence.shares, fetcher, signal);
  let solution;
  try {
    solution = await solver.solve(true);
  } catch (thrown) {
    // A block of the manifest's own is missing: it counts as one that was asked for.
    throwIfAborted(signal);
    if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
    blocks.sampled += 1;
    return false;
  }
  if (solution === undefined) return false;
  for (const index of solver.badAgainst(solution)) bad.add(index);
  const { contentKey, manifest } = solution;
  const reader = new PublicationReader(deps, { link, contentKey, manifest }, fetcher);
  const samples = sample(reader, deps.random, SAMPLED_BLOCKS);
  const missing: Sample[] = [];
  await Promise.all(
    samples.map(async (drawn) => {
      const present = await isPresent(fetcher, drawn, signal);
      blocks.sampled += 1;
      if (present) blocks.found += 1;
      else missing.push(drawn);
      tell();
    }),
  );
  throwIfAborted(signal);
  return allReplaceable(missing, signal);
}

/** Whether the segments of missing blocks can be made anew without them: some of them, which are fetched for it. */
async function allReplaceable(missing: readonly Sample[], signal: AbortSignal | undefined): Promise<boolean> {
  const segments = new Map<string, Sample>();
  for (const drawn of missing) segments.set(`${drawn.content.name} ${segmentNumber(drawn)}`, drawn);
  for (const drawn of [...segments.values()].slice(0, TRIED_SEGMENTS)) {
    const replaced = await succeeds(
      () => drawn.blocks.lists.segments.recover(drawn.content, 0, segmentNumber(drawn), { priority: 'bulk', signal }),
      signal,
    );
    if (!replaced) return false;
  }
  return true;
}

function segmentNumber({ content, position }: Sample): number {
  return segmentOf(position, content.list.least);
}

interface Sample {
  readonly content: NonNullable<ReturnType<PublicationReader['blocksOf']>>['content'];
  readonly blocks: BlockReader;
  /** Among the addresses of level 0. */
  readonly position: number;
}

/** Drawn evenly over all data and check blocks of all files, without drawing one twice; all of them when they are few. */
function sample(reader: PublicationReader, random: Random, count: number): Sample[] {
  const files: { readonly first: number; readonly at: number }[] = [];
  let total = 0;
  reader.manifest.files.forEach((file, at) => {
    if (file.content.kind === 'inline') return;
    files.push({ first: total, at });
    total += levelShapes(file.sizeBytes, file.content.list.least)[0]!.addresses;
  });
  return drawDistinct(total, count, random).map((number) => {
    const { first, at } = files.findLast((file) => file.first <= number)!;
    const { content, reader: blocks } = reader.blocksOf(reader.manifest.files[at]!)!;
    return { content, blocks, position: number - first };
  });
}

/** Floyd's algorithm, for numbers that may be beyond 2^32. */
function drawDistinct(total: number, count: number, random: Random): number[] {
  const chosen = new Set<number>();
  for (let bound = Math.max(0, total - count); bound < total; bound += 1) {
    const drawn = belowBig(bound + 1, random);
    chosen.add(chosen.has(drawn) ? bound : drawn);
  }
  return [...chosen];
}

function belowBig(bound: number, random: Random): number {
  const TWO_POW_32 = 2 ** 32;
  if (bound <= TWO_POW_32) return random.below(bound);
  // Only files above 128 TiB come here.
  const high = Math.ceil(bound / TWO_POW_32);
  for (;;) {
    const drawn = random.below(high) * TWO_POW_32 + random.below(TWO_POW_32);
    if (drawn < bound) return drawn;
  }
}

/** Whether a block can be fetched, and the list blocks on the way to it, these also when they have to be made anew. */
function isPresent(
  fetcher: BlockFetcher,
  { content, blocks, position }: Sample,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const options = { priority: 'interactive', signal } as const;
  return succeeds(async () => {
    const address = await blocks.lists.addressOf(content, 0, position, options);
    await fetcher.fetch(address, content.name, options);
  }, signal);
}

/** False when what is asked for cannot be had. */
async function succeeds(action: () => Promise<unknown>, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (thrown) {
    throwIfAborted(signal);
    if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
    return false;
  }
}

/**
 * Starts it as a job; returns its id. `recordHealth` is told the outcome, for the library, under the link as the person
 * has it, without its path; `recordDeleted` when it was deleted.
 */
export function startCheck(
  deps: ReadDeps,
  jobs: JobRegistry,
  text: string,
  recordHealth: (link: string, health: Health, edition: number | undefined) => Promise<void> | void,
  recordDeleted: (link: string) => Promise<void> | void = () => undefined,
): string {
  const link = linkFromText(text);
  const initial = {
    kind: 'check' as const,
    title: shortLink(link),
    link: text.trim(),
    k: link.k,
    n: link.n,
    shares: [],
    blocksSampled: 0,
    blocksFound: 0,
  };
  return jobs.start<CheckJob>(initial, async (job) => {
    const result = await noteDeleted(
      checkPublication(deps, link, {
        signal: job.signal,
        onProgress: (progress) => job.update({ ...progress }),
      }),
      () => recordDeleted(canonicalLink(link)),
    );
    job.update({ retrievable: result.retrievable, edition: result.edition });
    const health = { shares: [...job.job.shares], checkedMs: deps.clock.now(), retrievable: result.retrievable };
    await recordHealth(canonicalLink(link), health, result.edition);
  });
}
