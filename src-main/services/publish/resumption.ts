/**
 * Between the list of jobs and the journals: which job can be gone on with, by which request, and what becomes of its
 * journal. Publishing and updating have one each, for what is theirs.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishJob, UpdateJob } from '../../../shared/ipc/model.ts';
import type { JobRegistry, NewJob } from '../jobs/job-registry.ts';
import type { PublishJournal } from './journal.ts';
import type { KeptRequest, SendingRequest } from './plan.ts';
import type { JournalRequest, OpenJournal, Unfinished, UnfinishedPublications } from './unfinished.ts';

type Resumable = PublishJob | UpdateJob;

/** What a journal is opened for. */
export type FoundContent = Pick<JournalRequest, 'title' | 'blocksTotal' | 'surveyed' | 'base'>;

/** What jobs of one kind have of their own. */
export interface ResumableKind<J extends Resumable, Kept extends KeptRequest> {
  isOurs(request: KeptRequest): request is Kept;
  /** As it is listed when nobody works on it. */
  listed(left: Unfinished, request: Kept): NewJob<J>;
  /** Nothing of it is left to be done. */
  isDone(job: Readonly<J>): boolean;
}

interface ResumptionDeps {
  readonly jobs: JobRegistry;
  readonly unfinished?: UnfinishedPublications;
}

/** The part of a job that tells how it can be gone on with. */
interface ResumableHandle<J extends Resumable> {
  readonly id: string;
  readonly signal: AbortSignal;
  readonly job: Readonly<J>;
  update(change: { canResume?: boolean; needsPassword?: boolean }): void;
}

export class Resumption<J extends Resumable, Kept extends KeptRequest> {
  readonly #deps: ResumptionDeps;
  readonly #kind: ResumableKind<J, Kept>;
  /** By job: what it left. */
  readonly #left = new Map<string, string>();

  constructor(deps: ResumptionDeps, kind: ResumableKind<J, Kept>) {
    this.#deps = deps;
    this.#kind = kind;
    for (const left of deps.unfinished?.list() ?? []) this.#list(left);
  }

  /** Throws `usage` for a job that cannot be gone on with, or only with its password. */
  requestOf(job: string, password: string | undefined): { readonly id: string; readonly request: Kept } {
    const id = this.#left.get(job);
    const left = id === undefined ? undefined : this.#deps.unfinished?.get(id);
    if (left === undefined || !this.#kind.isOurs(left.plan.request)) {
      throw new BroadsideError('usage', 'This job cannot be gone on with. Begin the same again instead.');
    }
    if (left.plan.needsPassword && password === undefined) {
      throw new BroadsideError('usage', 'It was begun with a password, which is not kept. Give it again to go on.');
    }
    return { id: left.id, request: left.plan.request };
  }

  /** What the same request left; none where nothing of an earlier run can be used. */
  leftOf(request: SendingRequest): Unfinished | undefined {
    return isResumable(request) ? this.#deps.unfinished?.find(request) : undefined;
  }

  /** Its job is off the list: another goes on with it, or it was given up. */
  forget(id: string): void {
    for (const [job, left] of this.#left) {
      if (left !== id) continue;
      this.#left.delete(job);
      this.#deps.jobs.replace(job);
    }
  }

  /** The journal of one run; `left`: what it goes on with. */
  journalOf(handle: ResumableHandle<J>, request: SendingRequest, left: string | undefined): JobJournal {
    const isDone = (): boolean => this.#kind.isDone(handle.job);
    return new JobJournal(this.#deps, handle, request, left, isDone, (id) => this.#note(handle.id, id));
  }

  #list(left: Unfinished): void {
    const { request, startedMs } = left.plan;
    if (!this.#kind.isOurs(request)) return;
    const listed = this.#kind.listed(left, request);
    const job = this.#deps.jobs.restore<J>({ ...listed, startedMs }, () => this.#discard(left.id));
    this.#left.set(job, left.id);
  }

  #note(job: string, id: string): void {
    this.#left.set(job, id);
    this.#deps.jobs.onDismiss(job, () => this.#discard(id));
  }

  #discard(id: string): void {
    for (const [job, left] of this.#left) if (left === id) this.#left.delete(job);
    // What cannot be removed now is listed again by the next run.
    this.#deps.unfinished?.discard(id).catch(() => undefined);
  }
}

/** How far an interrupted job had come, in the words of a job. */
export function progressOf({ plan, fileCount, blocksArrived }: Unfinished) {
  return {
    title: plan.title,
    stage: 'sending' as const,
    fileCount,
    sizeBytes: plan.sizeBytes,
    sealedBytes: 0,
    blocksTotal: Math.max(plan.blocksTotal, blocksArrived),
    blocksSent: blocksArrived,
    blocksRetried: 0,
    blocksResumed: blocksArrived,
    canResume: true,
    ...(plan.needsPassword && { needsPassword: true }),
    fetchedBack: [],
  };
}

/** Uploads from a browser, and stripped copies, are gone with their run: nothing of an earlier one is theirs. */
function isResumable({ source, strip }: SendingRequest): boolean {
  return source.kind === 'path' && strip === undefined;
}

class JobJournal {
  readonly #deps: ResumptionDeps;
  readonly #handle: ResumableHandle<Resumable>;
  readonly #request: SendingRequest;
  readonly #left: string | undefined;
  readonly #isDone: () => boolean;
  readonly #note: (id: string) => void;
  #open: OpenJournal | undefined;

  constructor(
    deps: ResumptionDeps,
    handle: ResumableHandle<Resumable>,
    request: SendingRequest,
    left: string | undefined,
    isDone: () => boolean,
    note: (id: string) => void,
  ) {
    this.#deps = deps;
    this.#handle = handle;
    this.#request = request;
    this.#left = left;
    this.#isDone = isDone;
    this.#note = note;
  }

  /** Undefined where there is none to be kept. */
  async open(found: FoundContent): Promise<PublishJournal | undefined> {
    const request = this.#request;
    if (!isResumable(request)) return undefined;
    this.#open = await this.#deps.unfinished?.open({ ...found, request, signal: this.#handle.signal }, this.#left);
    return this.#open?.journal;
  }

  /**
   * To be called when the run ends, before its job does. Left for another where it failed or the node stops, unless that
   * would be `inVain`.
   */
  async close(inVain = false): Promise<void> {
    const isGivenUp = this.#handle.signal.aborted && !this.#deps.jobs.closing;
    const isLeft = !this.#isDone() && !isGivenUp && !inVain;
    const id = this.#open?.id ?? this.#left;
    if (id === undefined) return;
    if (this.#open !== undefined) await this.#deps.unfinished?.close(this.#open, isLeft);
    else if (!isLeft) await this.#deps.unfinished?.discard(id);
    if (isLeft) this.#mark(id);
  }

  #mark(id: string): void {
    this.#note(id);
    this.#handle.update({
      canResume: true,
      ...(this.#request.password !== undefined && { needsPassword: true }),
    });
  }
}
