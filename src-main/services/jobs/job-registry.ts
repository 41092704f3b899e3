/** The list of long work: what runs, what ended and how. Every use case that takes longer than a call is a job here. */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import type { DownloadJob, Job } from '../../../shared/ipc/model.ts';
import type { Clock } from './clock.ts';

/** Jobs that run at once; each holds buffers of a few MiB and places in the network's queue. More are refused as busy. */
export const MAX_RUNNING_JOBS = 64;
/** Finished jobs that stay listed; the oldest leaves when another ends. As many as a person looks back on. */
export const MAX_FINISHED_JOBS = 100;
/** At most four events a second a job (shared/ipc/contract.ts): more cannot be seen and costs the interface. */
export const EVENT_INTERVAL_MS = 250;

/** The registry's own fields are left out: a job sets the rest. An undefined value takes the field away. */
export type JobChange<J extends Job> = {
  [Field in keyof Omit<J, 'id' | 'kind' | 'state' | 'startedMs' | 'finishedMs' | 'error'>]?: J[Field] | undefined;
};
export type NewJob<J extends Job> = Omit<J, 'id' | 'state' | 'startedMs' | 'finishedMs' | 'error'>;

export interface JobHandle<J extends Job> {
  readonly id: string;
  /** Aborted when the person cancels, or the program ends. */
  readonly signal: AbortSignal;
  /** As it is now. */
  readonly job: Readonly<J>;
  /** Undefined where it is not paused; else resolves when it is to go on. */
  readonly paused?: () => Promise<void> | undefined;
  /** Arrays and objects in `change` belong to the registry from then on. No effect once the job has ended. */
  update(change: JobChange<J>): void;
}

export interface JobRegistryOptions {
  readonly clock: Clock;
  /** A fresh name that was never used before. */
  readonly newId: () => string;
  readonly onJob: (job: Job) => void;
  readonly onGone: (id: string) => void;
  /** Told of ends that are defects ('unexpected'), with their cause. */
  readonly onDefect?: (thrown: unknown) => void;
}

interface Entry {
  job: Job;
  readonly abort: AbortController;
  settled: Promise<void>;
  emittedAtMs: number;
  cancelTimer: (() => void) | undefined;
  /** Called when the person dismisses it. */
  discard: (() => void) | undefined;
  /** Resolved when it is to go on. */
  pause: PromiseWithResolvers<void> | undefined;
}

export class JobRegistry {
  readonly #options: JobRegistryOptions;
  /** In order of their start. */
  readonly #entries = new Map<string, Entry>();
  #closed = false;

  constructor(options: JobRegistryOptions) {
    this.#options = options;
  }

  /**
   * Starts `run` as a job. It is done when `run` resolves; failed when it throws; cancelled when it throws after its
   * signal was aborted. Throws `busy` when too many run.
   */
  start<J extends Job>(initial: NewJob<J>, run: (handle: JobHandle<J>) => Promise<void>): string {
    if (this.#closed) throw new BroadsideError('busy', 'The node is stopping. Start it again, then try again.');
    if (!this.hasRoom) {
      throw new BroadsideError(
        'busy',
        `${MAX_RUNNING_JOBS} jobs run already. Wait until one has ended, or cancel one.`,
      );
    }
    const id = this.#options.newId();
    const abort = new AbortController();
    const job = { ...initial, id, state: 'running', startedMs: this.#options.clock.now() } as unknown as J;
    const entry: Entry = {
      job,
      abort,
      settled: Promise.resolve(),
      emittedAtMs: Number.NEGATIVE_INFINITY,
      cancelTimer: undefined,
      discard: undefined,
      pause: undefined,
    };
    this.#entries.set(id, entry);
    const registry = this;
    const handle: JobHandle<J> = {
      id,
      signal: abort.signal,
      paused: () => entry.pause?.promise,
      get job() {
        return entry.job as J;
      },
      update(change) {
        registry.#change(entry, change);
      },
    };
    this.#emit(entry);
    entry.settled = (async () => {
      try {
        // A turn of its own, so that the caller has the id before anything happens.
        await Promise.resolve();
        await run(handle);
        this.#end(entry, 'done');
      } catch (thrown) {
        if (abort.signal.aborted) {
          this.#end(entry, 'cancelled', new BroadsideError('cancelled', 'It was cancelled.'));
        } else {
          const error = toBroadsideError(thrown);
          if (error.code === 'unexpected') this.#options.onDefect?.(thrown);
          this.#end(entry, 'failed', error);
        }
      }
    })();
    return id;
  }

  /** True from when the registry is being closed: what is cancelled then is not given up. */
  get closing(): boolean {
    return this.#closed;
  }

  /** Lists a job of an earlier run of the node that can be gone on with; `discard` gives it up. Returns its id. */
  restore<J extends Job>(initial: NewJob<J> & { readonly startedMs: number }, discard: () => void): string {
    return this.#list({ ...initial, state: 'interrupted' }, discard);
  }

  /** Lists a job of an earlier run of the node that was done; `discard` forgets it when it is dismissed. Returns its id. */
  past<J extends Job>(
    done: NewJob<J> & { readonly startedMs: number; readonly finishedMs: number },
    discard: () => void,
  ): string {
    return this.#list({ ...done, state: 'done' }, discard);
  }

  #list(listed: object, discard: () => void): string {
    const id = this.#options.newId();
    const job = { ...listed, id } as unknown as Job;
    const entry: Entry = {
      job,
      abort: new AbortController(),
      settled: Promise.resolve(),
      emittedAtMs: Number.NEGATIVE_INFINITY,
      cancelTimer: undefined,
      discard,
      pause: undefined,
    };
    this.#entries.set(id, entry);
    this.#emit(entry);
    return id;
  }

  /** What is to be done when the person dismisses it. */
  onDismiss(id: string, discard: () => void): void {
    this.#entry(id).discard = discard;
  }

  /** Takes a job that has ended off the list because another goes on with it. */
  replace(id: string): void {
    if (this.#entries.has(id)) this.#remove(id);
  }

  get runningCount(): number {
    let count = 0;
    for (const entry of this.#entries.values()) if (entry.job.state === 'running') count += 1;
    return count;
  }

  /** Whether another may be started now. */
  get hasRoom(): boolean {
    return this.runningCount < MAX_RUNNING_JOBS;
  }

  list(): Job[] {
    return [...this.#entries.values()].map((entry) => ({ ...entry.job }));
  }

  /** Throws `not-found`. */
  get(id: string): Job {
    return { ...this.#entry(id).job };
  }

  /** Whether it is on the list and runs; one that has ended may have left the list. */
  isRunning(id: string): boolean {
    return this.#entries.get(id)?.job.state === 'running';
  }

  /** Changes a job from outside of its run, ended or not: to take a password away. */
  amend(
    id: string,
    change: JobChange<Job> | JobChange<Extract<Job, { kind: 'publish' | 'update' }>> | JobChange<DownloadJob>,
  ): void {
    const entry = this.#entry(id);
    entry.job = merged(entry.job, change);
    this.#emit(entry);
  }

  /** Asks a job that looks at `paused` to rest; it stays on the list as running. */
  pause(id: string): void {
    const entry = this.#entry(id);
    if (entry.job.state !== 'running' || entry.pause !== undefined) return;
    entry.pause = Promise.withResolvers<void>();
    entry.job = merged(entry.job, { isPaused: true, bytesPerSecond: undefined, secondsLeft: undefined });
    this.#emit(entry);
  }

  /** False where it was not paused. */
  unpause(id: string): boolean {
    const entry = this.#entry(id);
    if (entry.pause === undefined || entry.job.state !== 'running') return false;
    entry.pause.resolve();
    entry.pause = undefined;
    entry.job = merged(entry.job, { isPaused: undefined });
    this.#emit(entry);
    return true;
  }

  /** Asks a job to stop; it is 'cancelled' once it has. No effect on one that has ended. */
  cancel(id: string): void {
    this.#entry(id).abort.abort(new BroadsideError('cancelled', 'It was cancelled.'));
  }

  /** Takes a finished job off the list. Throws `busy` for one that runs. */
  dismiss(id: string): void {
    const entry = this.#entry(id);
    if (entry.job.state === 'running') {
      throw new BroadsideError('busy', 'This job still runs. Cancel it first.');
    }
    entry.discard?.();
    this.#remove(id);
  }

  /** Resolves when the job has ended, in whatever way. */
  async settled(id: string): Promise<Job> {
    const entry = this.#entry(id);
    await entry.settled;
    return { ...entry.job };
  }

  /** Cancels what runs and resolves when all has ended; idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const entries = [...this.#entries.values()];
    for (const entry of entries) entry.abort.abort(new BroadsideError('cancelled', 'The node is stopping.'));
    await Promise.all(entries.map((entry) => entry.settled));
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new BroadsideError('not-found', 'There is no such job. It may have been dismissed.');
    return entry;
  }

  #change(entry: Entry, change: object): void {
    if (entry.job.state !== 'running') return;
    // What is on its way when it is paused still arrives, and says nothing of how fast it goes.
    const rest = entry.pause === undefined ? {} : { bytesPerSecond: undefined, secondsLeft: undefined };
    entry.job = merged(entry.job, { ...change, ...rest });
    if (entry.cancelTimer !== undefined) return;
    const { clock } = this.#options;
    const waitMs = entry.emittedAtMs + EVENT_INTERVAL_MS - clock.monotonicMs();
    if (waitMs <= 0) {
      this.#emit(entry);
    } else {
      entry.cancelTimer = clock.after(waitMs, () => {
        entry.cancelTimer = undefined;
        this.#emit(entry);
      });
    }
  }

  #end(entry: Entry, state: 'done' | 'failed' | 'cancelled', error?: BroadsideError): void {
    const ended = merged(entry.job, {
      state,
      finishedMs: this.#options.clock.now(),
      // A rate is of what runs.
      bytesPerSecond: undefined,
      secondsLeft: undefined,
      ...(entry.pause !== undefined && { isPaused: undefined }),
      error: error === undefined ? undefined : { code: error.code, message: error.message.slice(0, 4096) },
    });
    entry.job = ended;
    this.#emit(entry);
    const finished = [...this.#entries.values()].filter(
      ({ job }) => job.state !== 'running' && job.state !== 'interrupted',
    );
    finished.sort((a, b) => (a.job.finishedMs ?? 0) - (b.job.finishedMs ?? 0));
    for (const old of finished.slice(0, Math.max(0, finished.length - MAX_FINISHED_JOBS))) this.#remove(old.job.id);
  }

  #emit(entry: Entry): void {
    entry.cancelTimer?.();
    entry.cancelTimer = undefined;
    entry.emittedAtMs = this.#options.clock.monotonicMs();
    this.#options.onJob({ ...entry.job });
  }

  #remove(id: string): void {
    this.#entries.get(id)?.cancelTimer?.();
    this.#entries.delete(id);
    this.#options.onGone(id);
  }
}

function merged(job: Job, change: object): Job {
  const result: Record<string, unknown> = { ...job };
  for (const [field, value] of Object.entries(change)) {
    if (value === undefined) delete result[field];
    else result[field] = value;
  }
  return result as unknown as Job;
}
