/** Publications and updates whose sending was interrupted: their journals on disk, found again and gone on with. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../../shared/base/bytes.ts';
import { dataDiskError } from '../flow/data-disk.ts';
import { isOutdated, seemsOutdated } from '../flow/outdated.ts';
import type { Age } from '../flow/outdated.ts';
import type { Clock } from '../jobs/clock.ts';
import type { SurveyResult } from '../survey/survey.ts';
import { plannedKey, PublishJournal, readPublishJournal } from './journal.ts';
import type { JournalDeps, ReadState } from './journal.ts';
import { continuedPlan, isPlanOf, newPlan, stampFiles } from './plan.ts';
import type { Plan, SendingRequest } from './plan.ts';

/** Kept; the oldest leave. As many as anybody goes on with; guess. */
export const MAX_UNFINISHED = 16;
/** After that, blocks that nobody asked for may be gone from the network: all are sent again, and a week later it leaves. Guess. */
export const MAX_UNFINISHED_AGE_MS = 30 * 24 * 3_600_000;
/** What is smaller, a segment, is sent again faster than it is gone on with. */
export const JOURNAL_FROM_BYTES = 4 * 1024 * 1024;

const SUFFIX = '.journal';
/** Since when the journal beside it seems too old. */
const MARK_SUFFIX = '.old';
const ID_BYTES = 8;

export interface UnfinishedDeps extends JournalDeps {
  readonly directory: string;
  readonly clock: Clock;
}

/** One of them, as far as it is known without its source. */
export interface Unfinished {
  readonly id: string;
  readonly plan: Omit<Plan, 'contentKey' | 'files'>;
  readonly fileCount: number;
  readonly blocksArrived: number;
}

export interface JournalRequest {
  readonly request: SendingRequest;
  readonly title: string;
  readonly blocksTotal: number;
  readonly surveyed: SurveyResult;
  /** See plan.ts. */
  readonly base?: string;
  readonly signal: AbortSignal;
}

export class UnfinishedPublications {
  readonly #deps: UnfinishedDeps;
  readonly #known = new Map<string, Unfinished>();
  /** Those that a job works on. */
  readonly #inUse = new Set<string>();

  private constructor(deps: UnfinishedDeps) {
    this.#deps = deps;
  }

  /** Looks for what an earlier run left, and removes what is too old or too much. */
  static async load(deps: UnfinishedDeps): Promise<UnfinishedPublications> {
    const unfinished = new UnfinishedPublications(deps);
    try {
      await mkdir(deps.directory, { recursive: true, mode: 0o700 });
    } catch (thrown) {
      throw dataDiskError(thrown);
    }
    const found: { id: string; path: string; modifiedMs: number }[] = [];
    const names = await readdir(deps.directory);
    for (const name of names) {
      const path = join(deps.directory, name);
      if (/^[0-9a-f]{16}\.journal$/.test(name)) {
        found.push({ id: name.slice(0, -SUFFIX.length), path, modifiedMs: (await stat(path)).mtimeMs });
      } else if (!name.endsWith(MARK_SUFFIX) || !names.includes(name.slice(0, -MARK_SUFFIX.length) + SUFFIX)) {
        // A new one that was not whole yet, or the mark of one that is gone.
        await rm(path, { recursive: true, force: true });
      }
    }
    found.sort((a, b) => b.modifiedMs - a.modifiedMs);
    for (const [position, { id, path, modifiedMs }] of found.entries()) {
      const mark = join(deps.directory, id + MARK_SUFFIX);
      const isOld = await isOutdated(mark, ageOf(deps.clock, modifiedMs));
      const isKept = position < MAX_UNFINISHED && !isOld;
      const read = isKept ? await readPublishJournal(deps, path) : undefined;
      if (read === undefined) {
        for (const gone of [path, mark]) await rm(gone, { force: true });
        continue;
      }
      const { contentKey: _, files, ...plan } = read.plan;
      const blocksArrived = [...read.arrived.values()].reduce((sum, { count }) => sum + count, 0);
      unfinished.#known.set(id, { id, plan, fileCount: files.length, blocksArrived });
    }
    return unfinished;
  }

  /** Those that no job works on, the latest first. */
  list(): Unfinished[] {
    return [...this.#known.values()].filter(({ id }) => !this.#inUse.has(id));
  }

  get(id: string): Unfinished | undefined {
    return this.#inUse.has(id) ? undefined : this.#known.get(id);
  }

  /** What the same request left. */
  find(request: SendingRequest): Unfinished | undefined {
    return this.list().find(({ plan }) => isPlanOf(plan, request));
  }

  /** Gives up, for good, what no job works on. */
  async discard(id: string): Promise<void> {
    if (this.#inUse.has(id)) return;
    this.#known.delete(id);
    for (const path of [this.#pathOf(id), this.#markOf(id)]) await rm(path, { force: true });
  }

  /**
   * The journal that a job writes: the one of `id`, gone on with as far as files are what they were, or a new one.
   * Undefined where what is sent is not worth one. Rejects by the signal.
   */
  async open(wanted: JournalRequest, id: string | undefined): Promise<OpenJournal | undefined> {
    const { request, surveyed, signal } = wanted;
    if (surveyed.sizeBytes < JOURNAL_FROM_BYTES) return undefined;
    const stamped = await stampFiles(this.#deps.clock, surveyed, signal);
    const found = { ...wanted, stamped };
    const before = id === undefined ? undefined : await this.#before(id);
    const { random, crypto, clock } = this.#deps;
    const plan =
      before === undefined
        ? newPlan(random, clock.now(), request, found)
        : continuedPlan(random, before.plan, found, (file) => plannedKey(crypto, before.plan, file));
    const ownId = before === undefined ? toHex(random.bytes(ID_BYTES)) : id!;
    const journal = await PublishJournal.create(this.#deps, this.#pathOf(ownId), plan, before);
    this.#inUse.add(ownId);
    return { id: ownId, journal, isContinued: before !== undefined };
  }

  /** The job has ended: without a link and not given up, what it did waits to be gone on with. */
  async close({ id, journal }: OpenJournal, isLeft: boolean): Promise<void> {
    await (isLeft ? journal.close() : journal.remove());
    await rm(this.#markOf(id), { force: true });
    this.#inUse.delete(id);
    this.#known.delete(id);
    if (!isLeft) return;
    const { contentKey: _, files, ...plan } = journal.plan;
    this.#known.set(id, { id, plan, fileCount: files.length, blocksArrived: journal.blocksArrived });
  }

  /** What an earlier run did, as far as the network can be relied on to have it still. */
  async #before(id: string): Promise<ReadState | undefined> {
    const path = this.#pathOf(id);
    const read = await readPublishJournal(this.#deps, path);
    if (read === undefined) return undefined;
    const age = ageOf(this.#deps.clock, (await stat(path)).mtimeMs);
    return seemsOutdated(age) ? { ...read, arrived: new Map() } : read;
  }

  #pathOf(id: string): string {
    return join(this.#deps.directory, id + SUFFIX);
  }

  #markOf(id: string): string {
    return join(this.#deps.directory, id + MARK_SUFFIX);
  }
}

function ageOf(clock: Clock, modifiedMs: number): Age {
  return { modifiedMs, nowMs: clock.now(), mostMs: MAX_UNFINISHED_AGE_MS };
}

export interface OpenJournal {
  readonly id: string;
  readonly journal: PublishJournal;
  readonly isContinued: boolean;
}
