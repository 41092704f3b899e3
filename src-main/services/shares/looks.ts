/** Looks through one folder, one at a time: all of it, or directories in which something changed, several together. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Catalogue, Difference, KnownFile } from './catalogue.ts';
import type { FolderReader, FolderWatch, FoundDirectory, WatchFolder } from './ports.ts';

/** A burst of changes is over when nothing changed for so long, and is looked at after so long in any case. Guess. */
const QUIET_MS = 300;
const MAX_BURST_MS = 3_000;
/** Beyond so many directories, all is looked at. */
const MAX_TOUCHED = 1_000;

export interface LooksDeps {
  readonly clock: Clock;
  readonly reader: FolderReader;
  readonly watch: WatchFolder;
  readonly folder: () => { readonly root: string; readonly withHidden: boolean; readonly excluded: readonly string[] };
  readonly catalogue: Catalogue;
  /** Asked of each look at the folder itself; true: the look ends, and changes nothing. `device` undefined: it is not there. */
  readonly missing: (device: bigint | undefined, isEmpty: boolean) => boolean;
  /** Some that were known were found as they were; told while the look goes on, so that many do not come at once. */
  readonly confirmed: (files: readonly KnownFile[]) => void;
  /** `whole`: all of it was looked at; `cut`: as far as one looks. */
  readonly looked: (difference: Difference, whole: boolean, cut: boolean) => void;
  readonly failed: (thrown: unknown) => void;
}

export class Looks {
  readonly #deps: LooksDeps;
  readonly #touched = new Set<string>();
  #abort = new AbortController();
  #wantsAll: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  #isRunning = false;
  #watch: FolderWatch | undefined;
  #burstMs: number | undefined;
  #stopBurst: (() => void) | undefined;
  #stopTimer: (() => void) | undefined;
  #closed = false;

  constructor(deps: LooksDeps) {
    this.#deps = deps;
  }

  get isWatched(): boolean {
    return this.#watch?.works ?? false;
  }

  /** Resolves after a look through all of it that began after this was called. */
  all(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    if (this.#wantsAll === undefined) {
      let resolve = (): void => {};
      const promise = new Promise<void>((done) => (resolve = done));
      this.#wantsAll = { promise, resolve };
    }
    const { promise } = this.#wantsAll;
    this.#go();
    return promise;
  }

  /** Instead of any that was planned before. */
  allAfter(delayMs: number): void {
    this.#stopTimer?.();
    if (this.#closed) return;
    this.#stopTimer = this.#deps.clock.after(delayMs, () => void this.all());
  }

  /** Something in this directory came, went or was written. */
  touched(directory: string): void {
    if (this.#closed) return;
    this.#touched.add(directory);
    const nowMs = this.#deps.clock.monotonicMs();
    this.#burstMs ??= nowMs;
    this.#stopBurst?.();
    const delayMs = Math.max(0, Math.min(QUIET_MS, this.#burstMs + MAX_BURST_MS - nowMs));
    this.#stopBurst = this.#deps.clock.after(delayMs, () => {
      [this.#burstMs, this.#stopBurst] = [undefined, undefined];
      this.#go();
    });
  }

  /** Ends what is under way and planned; looks can be asked for again. */
  stop(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#stopBurst?.();
    this.#stopTimer?.();
    [this.#burstMs, this.#stopBurst, this.#stopTimer] = [undefined, undefined, undefined];
    this.#touched.clear();
    this.#wantsAll?.resolve();
    this.#wantsAll = undefined;
    this.#watch?.close();
    this.#watch = undefined;
  }

  close(): void {
    this.#closed = true;
    this.stop();
  }

  #go(): void {
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (!this.#closed && (this.#wantsAll !== undefined || this.#touched.size > 0)) {
        const { signal } = this.#abort;
        const wanted = this.#wantsAll;
        const touched = [...this.#touched];
        this.#wantsAll = undefined;
        this.#touched.clear();
        try {
          if (wanted === undefined && touched.length <= MAX_TOUCHED) await this.#lookAt(touched, signal);
          else await this.#lookThrough(signal);
        } catch (thrown) {
          if (!signal.aborted) this.#deps.failed(thrown);
        }
        wanted?.resolve();
      }
    } finally {
      this.#isRunning = false;
    }
  }

  async #lookThrough(signal: AbortSignal): Promise<void> {
    this.#watch ??= this.#deps.watch(this.#deps.folder().root, (directory) => this.touched(directory));
    const walk = await this.#walk('', false, signal);
    if (walk.isMissing) return;
    this.#settle(true, walk.cut);
  }

  async #lookAt(directories: readonly string[], signal: AbortSignal): Promise<void> {
    const waiting = [...directories];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const walk = await this.#walk(next, true, signal);
      if (walk.isMissing) return;
      // Directories that came: all that is in them is new.
      for (const directory of walk.fresh) await this.#walk(directory, false, signal);
    }
    this.#settle(false, false);
  }

  #settle(whole: boolean, cut: boolean): void {
    const { catalogue } = this.#deps;
    const missed = this.#watch?.cover(catalogue.directories()) ?? [];
    this.#deps.looked(catalogue.settle(), whole, cut);
    // After a look through all of it, who looks plans another.
    if (!whole) for (const directory of missed) this.touched(directory);
  }

  async #walk(
    directory: string,
    flat: boolean,
    signal: AbortSignal,
  ): Promise<{ isMissing: boolean; cut: boolean; fresh: string[] }> {
    const { reader, folder, catalogue } = this.#deps;
    const result = { isMissing: false, cut: false, fresh: [] as string[] };
    await reader.walk(
      { ...folder(), directory, flat },
      ({ directories, cut }) => {
        if (signal.aborted || result.isMissing) return;
        for (const found of directories) {
          if (found.directory === '' && this.#isMissing(found)) {
            result.isMissing = true;
            return;
          }
          const fresh = catalogue.apply(found);
          if (flat) result.fresh.push(...fresh);
        }
        result.cut ||= cut;
        this.#deps.confirmed(catalogue.confirmed());
      },
      signal,
    );
    if (signal.aborted) throw new BroadsideError('cancelled', 'The look was stopped.');
    return result;
  }

  #isMissing({ failure, device, names, directories, leftOut }: FoundDirectory): boolean {
    const isEmpty = names.length + directories.length + leftOut.length === 0;
    return this.#deps.missing(failure === undefined ? device : undefined, isEmpty);
  }
}
