/**
 * What a publish job set out to do, as its journal keeps it, and what of that holds when it is gone on with: a file that is
 * not what it was when its key was first used must never be sealed under that key again.
 */
import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { toHex } from '../../../shared/base/bytes.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { PublishRequestSchema, UpdateRequestSchema } from '../../../shared/ipc/contract.ts';
import type { PublishRequest, UpdateRequest } from '../../../shared/ipc/contract.ts';
import type { Random } from '../../core/ports.ts';
import { randomContentKey } from '../../core/publish/shares.ts';
import { wait } from '../flow/waiting.ts';
import type { Clock } from '../jobs/clock.ts';
import type { SurveyedFile, SurveyResult } from '../survey/survey.ts';

const hex32 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

export const PlanSchema = v.strictObject({
  format: v.literal(1),
  startedMs: v.number(),
  /** Of the job, for showing before anything is read. */
  title: v.string(),
  sizeBytes: count,
  blocksTotal: count,
  /** As it was asked for, its path absolute, without its password; that of an update names its link. */
  request: v.union([PublishRequestSchema, v.omit(UpdateRequestSchema, ['password'])]),
  /** It was given a password, which is not kept: it is asked for again. */
  needsPassword: v.boolean(),
  /** What the manifest says of its date, where it says one: the same in every run. */
  dateMs: v.optional(v.number()),
  /** Of an update: what else goes into its manifest, as a digest. Where that is another, K is. */
  base: v.optional(hex32),
  /** K, in hexadecimal. */
  contentKey: hex32,
  files: v.array(
    v.strictObject({
      path: v.string(),
      sizeBytes: count,
      /** As `stampOf` told it before the file was read for the first time under its key. */
      stamp: v.string(),
      /** In hexadecimal, where it does not follow from K. */
      ownKey: v.optional(hex32),
    }),
  ),
});
export type Plan = v.InferOutput<typeof PlanSchema>;
export type PlannedFile = Plan['files'][number];
/** What a journal is kept for. */
export type SendingRequest = PublishRequest | UpdateRequest;
export type KeptRequest = Plan['request'];

/** A file system that keeps whole seconds, or two: FAT, some network shares. */
const COARSE_TICK_MS = 2_000;
/** Ticks of all others are 10 ms at most (CONFIG_HZ of 100), and 100 ns on Windows. */
const FINE_TICK_MS = 20;
const NANOSECONDS = 1_000_000n;

/** Of all that is to be published, as it is now; K and keys are filled in by `planFrom`. */
export interface Stamped {
  readonly files: readonly { readonly path: string; readonly sizeBytes: number; readonly stamp: string }[];
}

/**
 * Tells a file from what it was before: a write changes the time of its last change, which nobody can set back. A file that
 * was written within the tick of that clock is waited for, or a second write in it would not be seen. Rejects by the signal.
 */
export async function stampFiles(clock: Clock, surveyed: SurveyResult, signal: AbortSignal): Promise<Stamped> {
  const files: { path: string; sizeBytes: number; stamp: string }[] = [];
  for (const { path, absolutePath, sizeBytes } of surveyed.files) {
    signal.throwIfAborted();
    let seen = await statOf(absolutePath);
    const waitMs = seen.tickMs - (clock.now() - seen.changedMs);
    if (waitMs > 0 && waitMs <= COARSE_TICK_MS) {
      await wait(clock, waitMs, signal);
      seen = await statOf(absolutePath);
    }
    files.push({ path, sizeBytes, stamp: seen.stamp });
  }
  return { files };
}

/** Throws `usage` when a file is not what it was when its stamp was taken. */
export async function requireStamp({ path, absolutePath }: SurveyedFile, stamp: string): Promise<void> {
  if ((await statOf(absolutePath)).stamp === stamp) return;
  throw new BroadsideError(
    'usage',
    `${path} changed while it was being published. Wait until nothing writes to it, then publish again.`,
  );
}

async function statOf(path: string): Promise<{ stamp: string; changedMs: number; tickMs: number }> {
  const { ino, size, mtimeNs, ctimeNs } = await lstat(path, { bigint: true });
  const changed = ctimeNs > mtimeNs ? ctimeNs : mtimeNs;
  const isCoarse = ctimeNs % (1_000n * NANOSECONDS) === 0n && mtimeNs % (1_000n * NANOSECONDS) === 0n;
  return {
    stamp: [ino, size, mtimeNs, ctimeNs].join(' '),
    changedMs: Number(changed / NANOSECONDS),
    tickMs: isCoarse ? COARSE_TICK_MS : FINE_TICK_MS,
  };
}

export interface Found {
  readonly title: string;
  readonly blocksTotal: number;
  readonly surveyed: SurveyResult;
  readonly stamped: Stamped;
  /** As in the plan. */
  readonly base?: string | undefined;
}

/** A plan of its own, under a fresh K. */
export function newPlan(random: Random, nowMs: number, request: SendingRequest, found: Found): Plan {
  return {
    format: 1,
    startedMs: nowMs,
    title: found.title,
    sizeBytes: found.surveyed.sizeBytes,
    blocksTotal: found.blocksTotal,
    request: keptRequest(request),
    needsPassword: request.password !== undefined,
    ...(request.dated === true && { dateMs: nowMs }),
    ...(found.base !== undefined && { base: found.base }),
    contentKey: toHex(randomContentKey(random)),
    files: found.stamped.files.map((file) => ({ ...file })),
  };
}

/**
 * How an earlier plan is gone on with. Where all is as it was, as it was. Else under a fresh K, for another manifest is made:
 * files that are as they were take their keys along, those that are not get keys that follow from the new K.
 */
export function continuedPlan(
  random: Random,
  before: Plan,
  found: Found,
  keyOf: (file: PlannedFile) => Uint8Array,
): Plan {
  const earlier = new Map(before.files.map((file) => [file.path, file]));
  const isSame = (file: { path: string; stamp: string }): boolean => earlier.get(file.path)?.stamp === file.stamp;
  const { files } = found.stamped;
  if (files.length === before.files.length && files.every(isSame) && before.base === found.base) return before;
  return {
    ...before,
    title: found.title,
    sizeBytes: found.surveyed.sizeBytes,
    blocksTotal: found.blocksTotal,
    ...(found.base !== undefined && { base: found.base }),
    contentKey: toHex(randomContentKey(random)),
    files: files.map((file) =>
      isSame(file) ? { ...file, ownKey: toHex(keyOf(earlier.get(file.path)!)) } : { ...file },
    ),
  };
}

/** Whether a request is the one that a plan was made for. Its password may be another: nothing follows from it yet. */
export function isPlanOf({ request }: Pick<Plan, 'request'>, other: SendingRequest): boolean {
  return canonical(request) === canonical(keptRequest(other));
}

function keptRequest(request: SendingRequest): KeptRequest {
  const { source } = request;
  const { password: _, ...rest } = request;
  const kept = { ...rest, source: source.kind === 'path' ? { ...source, path: resolve(source.path) } : source };
  if ('restart' in kept) delete kept.restart;
  return kept;
}

function canonical(request: KeptRequest): string {
  const fields = Object.entries(request).filter(([, value]) => value !== undefined);
  return JSON.stringify(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
