/** How well a publication can be had by others: every share asked for, and a sample of its blocks, past what is kept here. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { shortLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { CheckJob, Health, Share } from '../../../shared/ipc/model.ts';
import type { Random } from '../../core/ports.ts';
import { pieceCount } from '../../core/publish/piece.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import { BlockFetcher } from './block-fetcher.ts';
import type { ReadDeps } from './block-fetcher.ts';
import type { BlockReader } from './block-reader.ts';
import { canonicalLink, followLinks, linkFromText, placesOf } from './gather.ts';
import { gatherFailure } from './gather-failure.ts';
import { PublicationReader } from './publication-reader.ts';
import { shuffled } from './share-combinations.ts';
import { ShareSolver } from './share-solver.ts';
import { SlotEvidence } from './slot-evidence.ts';
import { SlotRequests } from './slot-requests.ts';
import { throwIfAborted } from '../flow/waiting.ts';

/** Blocks asked for: 20 found of 20 say, with 95 % confidence, that at least 86 % of all are there (0.86^20 = 0.05). */
export const SAMPLED_BLOCKS = 20;
const TELL_EVERY_MS = 250;

export interface CheckResult {
  readonly retrievable: boolean;
  /** 1 ... n. */
  readonly shares: readonly { readonly index: number; readonly found: boolean; readonly valid: boolean }[];
  readonly blocks: { readonly sampled: number; readonly found: number };
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
): Promise<CheckResult | { readonly movedTo: PublicationLink }> {
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
      const movedTo = evidence.movedTo();
      if (movedTo !== undefined) return { movedTo };
    }
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
      retrievable: complete && blocks.found === blocks.sampled,
      shares: places.map(({ index }) => ({
        index,
        found: found.has(index) || bad.has(index),
        valid: found.has(index) && !bad.has(index),
      })),
      blocks,
    };
  } finally {
    requests.close();
  }
}

/** True when the shares give the manifest; counts blocks, and adds to `bad` the shares that do not fit it. */
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
  const reader = new PublicationReader(deps, { link, contentKey, manifest, shares: [], badShares: [] }, fetcher);
  const samples = sample(reader, deps.random, SAMPLED_BLOCKS);
  await Promise.all(
    samples.map(async ({ content, blocks: source, piece }) => {
      const present = await isPresent(source, fetcher, content, piece, signal);
      blocks.sampled += 1;
      if (present) blocks.found += 1;
      tell();
    }),
  );
  throwIfAborted(signal);
  return true;
}

interface Sample {
  readonly content: NonNullable<ReturnType<PublicationReader['blocksOf']>>['content'];
  readonly blocks: BlockReader;
  readonly piece: number;
}

/** Pieces drawn evenly over all blocks of all files, without drawing one twice; all of them when they are few. */
function sample(reader: PublicationReader, random: Random, count: number): Sample[] {
  const files: { readonly first: number; readonly pieces: number; readonly at: number }[] = [];
  let total = 0;
  reader.manifest.files.forEach((file, at) => {
    if (file.content.kind === 'inline') return;
    const pieces = pieceCount(file.sizeBytes);
    files.push({ first: total, pieces, at });
    total += pieces;
  });
  return drawDistinct(total, count, random).map((number) => {
    const { first, at } = files.findLast((file) => file.first <= number)!;
    const { content, reader: blocks } = reader.blocksOf(reader.manifest.files[at]!)!;
    return { content, blocks, piece: number - first };
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

/** Whether the block of a piece, and the list blocks on the way to it, can be fetched and open. */
async function isPresent(
  blocks: BlockReader,
  fetcher: BlockFetcher,
  content: Sample['content'],
  piece: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const address = await blocks.addressOf(content, piece, { signal });
    await fetcher.fetch(address, content.name, { priority: 'interactive', signal });
    return true;
  } catch (thrown) {
    throwIfAborted(signal);
    if (!(thrown instanceof BroadsideError) || thrown.code === 'unexpected') throw thrown;
    return false;
  }
}

/**
 * Starts it as a job; returns its id. `recordHealth` is told the outcome, for the library, under the link as the person
 * has it, without its path.
 */
export function startCheck(
  deps: ReadDeps,
  jobs: JobRegistry,
  text: string,
  recordHealth: (link: string, health: Health) => Promise<void> | void,
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
    const result = await checkPublication(deps, link, {
      signal: job.signal,
      onProgress: (progress) => job.update({ ...progress }),
    });
    job.update({ retrievable: result.retrievable });
    await recordHealth(canonicalLink(link), {
      shares: [...job.job.shares],
      checkedMs: deps.clock.now(),
      retrievable: result.retrievable,
    });
  });
}
