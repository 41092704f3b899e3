/** Between the list of jobs and the journals: which job can be gone on with, by which request, and what becomes of its journal. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { PublishRequest } from '../../../shared/ipc/contract.ts';
import type { PublishJob } from '../../../shared/ipc/model.ts';
import type { JobHandle } from '../jobs/job-registry.ts';
import type { PublishDeps } from './deps.ts';
import type { FoundContent } from './run.ts';
import type { PublishJournal } from './journal.ts';
import type { OpenJournal, Unfinished } from './unfinished.ts';

export class Resumption {
  readonly #deps: PublishDeps;
  /** By job: what it left. */
  readonly #left = new Map<string, string>();

  constructor(deps: PublishDeps) {
    this.#deps = deps;
    for (const left of deps.unfinished?.list() ?? []) this.#list(left);
  }

  /** Throws `usage` for a job that cannot be gone on with, or only with its password. */
  requestOf(job: string, password: string | undefined): { readonly id: string; readonly request: PublishRequest } {
    const id = this.#left.get(job);
    const left = id === undefined ? undefined : this.#deps.unfinished?.get(id);
    if (left === undefined) {
      throw new BroadsideError('usage', 'This job cannot be gone on with. Publish the same again instead.');
    }
    if (left.plan.needsPassword && password === undefined) {
      throw new BroadsideError(
        'usage',
        'It was begun with a password of your own, which is not kept. Give it again to go on.',
      );
    }
    return { id: left.id, request: { ...left.plan.request, ...(password !== undefined && { password }) } };
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
  journalOf(handle: JobHandle<PublishJob>, request: PublishRequest, left: string | undefined): JobJournal {
    return new JobJournal(this.#deps, handle, request, left, (id) => this.#note(handle.id, id));
  }

  #list({ id, plan, fileCount, blocksArrived }: Unfinished): void {
    const { k, n, class: publicationClass } = plan.request;
    const job = this.#deps.jobs.restore<PublishJob>(
      {
        kind: 'publish',
        title: plan.title,
        stage: 'sending',
        k,
        n,
        class: publicationClass,
        fileCount,
        sizeBytes: plan.sizeBytes,
        sealedBytes: 0,
        blocksTotal: Math.max(plan.blocksTotal, blocksArrived),
        blocksSent: blocksArrived,
        blocksRetried: 0,
        blocksResumed: blocksArrived,
        canResume: true,
        ...(plan.needsPassword && { needsPassword: true }),
        shares: Array.from({ length: n }, (_, index) => ({ index: index + 1, state: 'unasked' })),
        fetchedBack: [],
        startedMs: plan.startedMs,
      },
      () => this.#discard(id),
    );
    this.#left.set(job, id);
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

class JobJournal {
  readonly #deps: PublishDeps;
  readonly #handle: JobHandle<PublishJob>;
  readonly #request: PublishRequest;
  readonly #left: string | undefined;
  readonly #note: (id: string) => void;
  #open: OpenJournal | undefined;

  constructor(
    deps: PublishDeps,
    handle: JobHandle<PublishJob>,
    request: PublishRequest,
    left: string | undefined,
    note: (id: string) => void,
  ) {
    this.#deps = deps;
    this.#handle = handle;
    this.#request = request;
    this.#left = left;
    this.#note = note;
  }

  /** Undefined where there is none to be kept: uploads from a browser, and stripped copies, are gone with their run. */
  async open(found: FoundContent): Promise<PublishJournal | undefined> {
    const request = this.#request;
    if (request.source.kind !== 'path' || request.strip !== undefined) return undefined;
    this.#open = await this.#deps.unfinished?.open({ ...found, request, signal: this.#handle.signal }, this.#left);
    return this.#open?.journal;
  }

  /** To be called when the run ends, before its job does. Left for another where it failed or the node stops. */
  async close(): Promise<void> {
    const { link } = this.#handle.job;
    const isGivenUp = this.#handle.signal.aborted && !this.#deps.jobs.closing;
    const isLeft = link === undefined && !isGivenUp;
    if (this.#open === undefined) {
      if (this.#left !== undefined && isGivenUp) await this.#deps.unfinished?.discard(this.#left);
      else if (this.#left !== undefined) this.#mark(this.#left);
      return;
    }
    await this.#deps.unfinished?.close(this.#open, isLeft);
    if (isLeft) this.#mark(this.#open.id);
  }

  #mark(id: string): void {
    this.#note(id);
    this.#handle.update({
      canResume: true,
      ...(this.#request.password !== undefined && { needsPassword: true }),
    });
  }
}
