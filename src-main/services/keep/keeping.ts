/**
 * Which publications are kept alive from here, and when each is looked after: what was published on this machine, unless
 * the setting or the person says otherwise, and whatever else the person asked for. One round at a time; others wait.
 */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { shortLink } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import type { Keep, KeepJob, LibraryEntry } from '../../../shared/ipc/model.ts';
import type { Manifest } from '../../core/publish/manifest.ts';
import { PAYLOAD_BYTES } from '../../core/wire/record.ts';
import type { JobHandle, JobRegistry } from '../jobs/job-registry.ts';
import { within } from '../flow/waiting.ts';
import { RateEstimator } from '../jobs/rate.ts';
import type { Library } from '../library/library.ts';
import { canonicalLink, linkFromText } from '../read/gather.ts';
import { className, typeOf } from '../read/publication-reader.ts';
import type { Settings } from '../settings/settings.ts';
import { heldAddresses, keepRound } from './round.ts';
import type { KeepDeps, KeepProgress, KeepResult } from './round.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The first look after publishing: copies have settled by then, and nothing else has its hands full. Up to twice that. Guess. */
const FIRST_AFTER_MS = 10 * MINUTE_MS;
/** After a round that failed, as without a network. Up to twice that. Guess. */
const RETRY_AFTER_MS = 30 * MINUTE_MS;
/** Rounds are spread by this part of their distance either way, so that nobody recognises a keeper by its clock. */
const SPREAD = 0.2;
/** Longest timer that is set; setTimeout takes 24.8 days. */
const LONGEST_WAIT_MS = 24 * HOUR_MS;

export interface KeepingDeps extends KeepDeps {
  readonly jobs: JobRegistry;
  readonly library: Library;
  readonly settings: Settings;
  readonly onDefect: (thrown: unknown) => void;
}

const OFF: Keep = { on: false, nextSegment: 0 };

export class Keeping {
  readonly #deps: KeepingDeps;
  /** When those are due that have never been looked after, by link. */
  readonly #firstDueMs = new Map<string, number>();
  /** What is held for each that is kept, by its link in the library. */
  readonly #held = new Map<string, string>();
  readonly #stop = new AbortController();
  #releasing: Promise<void> = Promise.resolve();
  /** Jobs that run or wait for their turn, by link. */
  readonly #jobs = new Map<string, string>();
  /** When all of them have ended. */
  #turn: Promise<unknown> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;

  constructor(deps: KeepingDeps) {
    this.#deps = deps;
    this.changed();
  }

  /** The library or the settings have changed: sees whom to keep, whom no more, and when. */
  changed(): void {
    if (this.#stop.signal.aborted) return;
    const kept = this.#kept();
    for (const [link, heldLink] of this.#held) {
      if (kept.has(link)) continue;
      this.#held.delete(link);
      this.#release(heldLink);
    }
    for (const link of this.#firstDueMs.keys()) if (!kept.has(link)) this.#firstDueMs.delete(link);
    for (const [link, { keep }] of kept) if (keep?.heldLink !== undefined) this.#held.set(link, keep.heldLink);
    this.#schedule(kept);
  }

  /** Keeps it from now on and begins a round, when those before it have ended; its job. Throws `bad-link`, `busy`. */
  start(text: string): string {
    const link = linkFromText(text);
    return this.#jobs.get(canonicalLink(link)) ?? this.#start(link);
  }

  /** Resolves when it is noted; what was held is removed after that. */
  async stop(text: string): Promise<void> {
    const link = canonicalLink(linkFromText(text));
    const job = this.#jobs.get(link);
    // A round that went on would say at its end that it is kept.
    if (job !== undefined) this.#deps.jobs.cancel(job);
    await this.#deps.library.amend(link, (entry) => ({ ...entry, keep: OFF }));
  }

  /** Resolves when nothing is being removed any more. Jobs are the registry's to end. */
  async close(): Promise<void> {
    this.#stop.abort(new BroadsideError('cancelled', 'The node is stopping.'));
    this.#cancelTimer?.();
    await this.#releasing;
  }

  #kept(): Map<string, LibraryEntry> {
    const { library, settings } = this.#deps;
    const kept = new Map<string, LibraryEntry>();
    for (const entry of library.list()) {
      const byDefault = entry.origin === 'published' && settings.get('keep-published');
      if (entry.deletedMs === undefined && (entry.keep?.on ?? byDefault)) kept.set(entry.link, entry);
    }
    return kept;
  }

  #dueMs({ link, keep }: LibraryEntry): number {
    const { clock, random, settings } = this.#deps;
    const nowMs = clock.now();
    const longestMs = Math.max(RETRY_AFTER_MS, settings.get('keep-hours') * HOUR_MS) * (1 + SPREAD);
    // What is due later than ever is set was set while the clock was ahead; it is not waited for.
    if (keep?.nextMs !== undefined && keep.nextMs <= nowMs + longestMs) return keep.nextMs;
    const known = this.#firstDueMs.get(link);
    if (known !== undefined && known <= nowMs + 2 * FIRST_AFTER_MS) return known;
    const first = nowMs + FIRST_AFTER_MS + random.below(FIRST_AFTER_MS);
    this.#firstDueMs.set(link, first);
    return first;
  }

  #schedule(kept: ReadonlyMap<string, LibraryEntry>): void {
    const { clock } = this.#deps;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#jobs.size > 0) return;
    let next: { readonly entry: LibraryEntry; readonly dueMs: number } | undefined;
    for (const entry of kept.values()) {
      const dueMs = this.#dueMs(entry);
      if (next === undefined || dueMs < next.dueMs) next = { entry, dueMs };
    }
    if (next === undefined) return;
    const { entry, dueMs } = next;
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, dueMs - clock.now()));
    this.#cancelTimer = clock.after(waitMs, () => {
      if (clock.now() < dueMs) return this.changed();
      try {
        this.#start(linkFromText(entry.link));
      } catch (thrown) {
        // Too many jobs run; what else could be wrong would be a defect.
        if (toBroadsideError(thrown).code !== 'busy') this.#deps.onDefect(thrown);
        void this.#note(entry.link, (keep) => ({ ...keep, nextMs: this.#after(RETRY_AFTER_MS) }));
      }
    });
  }

  #start(link: PublicationLink): string {
    const text = canonicalLink(link);
    const { jobs, library } = this.#deps;
    const entry = library.get('published', text) ?? library.get('opened', text);
    const initial = {
      kind: 'keep' as const,
      title: entry?.title ?? shortLink(link),
      link: text,
      k: link.k,
      n: link.n,
      shares: [],
      sharesHeld: 0,
      sharesPutBack: 0,
      blocksDone: 0,
      blocksHeld: 0,
      blocksLooked: 0,
      blocksFound: 0,
      blocksPutBack: 0,
      blocksLost: 0,
    };
    const before = this.#jobs.size === 0 ? undefined : this.#turn;
    const ended = Promise.withResolvers<void>();
    const id = jobs.start<KeepJob>({ ...initial, ...(before && { waiting: true }) }, async (job) => {
      try {
        if (before !== undefined) await within(before, job.signal);
        job.update({ waiting: undefined });
        await this.#round(link, text, (library.get('published', text) ?? library.get('opened', text))?.keep, job);
      } finally {
        this.#jobs.delete(text);
        ended.resolve();
        this.changed();
      }
    });
    this.#jobs.set(text, id);
    // Who is cancelled while waiting does not let the next one by.
    this.#turn = Promise.all([before, ended.promise]);
    this.#cancelTimer?.();
    return id;
  }

  async #round(link: PublicationLink, text: string, before: Keep | undefined, job: JobHandle<KeepJob>): Promise<void> {
    const { clock, library } = this.#deps;
    const rate = new RateEstimator(clock);
    rate.note(0);
    try {
      const result = await keepRound(this.#deps, link, {
        signal: AbortSignal.any([job.signal, this.#stop.signal]),
        fromSegment: before?.nextSegment ?? 0,
        roomBytes: this.#deps.settings.get('keep-quota-bytes') - this.#reservedBytes(text),
        onProgress: (progress) => this.#tell(job, rate, progress),
      });
      this.#tell(job, rate, result);
      job.update({
        retrievable: result.retrievable,
        bytesPerSecond: undefined,
        secondsLeft: undefined,
        ...(result.manifest === undefined ? {} : { edition: result.manifest.edition, title: result.manifest.title }),
      });
      await this.#record(text, before, result);
    } catch (thrown) {
      const { code, message } = toBroadsideError(thrown);
      if (code === 'deleted') {
        await library.amend(text, (entry) => ({ ...entry, deletedMs: clock.now(), keep: OFF }));
      } else if (!this.#stop.signal.aborted) {
        await this.#note(text, (keep) => ({
          ...keep,
          nextMs: this.#after(RETRY_AFTER_MS),
          ...(code === 'cancelled' ? {} : { problem: { code, message } }),
        }));
      }
      throw thrown;
    }
  }

  #tell(job: JobHandle<KeepJob>, rate: RateEstimator, progress: KeepProgress): void {
    const { blocks, blocksTotal } = progress;
    rate.note(blocks.blocks * PAYLOAD_BYTES);
    job.update({
      shares: [...progress.shares],
      sharesHeld: progress.sharesHeld,
      sharesPutBack: progress.sharesPutBack,
      blocksTotal,
      blocksDone: blocks.blocks,
      blocksHeld: blocks.held,
      blocksLooked: blocks.looked,
      blocksFound: blocks.found,
      blocksPutBack: blocks.putBack,
      blocksLost: blocks.lost,
      ...(blocksTotal === undefined ? {} : rate.estimate((blocksTotal - blocks.blocks) * PAYLOAD_BYTES)),
    });
  }

  async #record(text: string, before: Keep | undefined, result: KeepResult): Promise<void> {
    const { clock, library, settings } = this.#deps;
    const { blocks, manifest } = result;
    const heldLink = canonicalLink(result.link);
    if (library.get('published', text) === undefined && library.get('opened', text) === undefined) {
      if (manifest === undefined) return;
      // Whoever asked to keep it wants it in the library, whatever is remembered of what is only read.
      await library.put(entryOf(text, result.link, manifest, clock.now()));
    }
    const keep: Keep = {
      on: true,
      nextMs: this.#after(settings.get('keep-hours') * HOUR_MS),
      heldLink,
      nextSegment: result.nextSegment,
      last: {
        atMs: clock.now(),
        sharesHeld: result.sharesHeld,
        sharesPutBack: result.sharesPutBack,
        blocksTotal: result.blocksTotal ?? 0,
        blocksHeld: blocks.held,
        blocksPutBack: blocks.putBack,
        blocksLost: blocks.lost,
      },
    };
    await library.amend(text, (entry) => ({
      ...entry,
      keep,
      ...(manifest === undefined ? {} : { edition: manifest.edition, title: manifest.title }),
      health: {
        shares: [...result.shares],
        checkedMs: clock.now(),
        retrievable: result.retrievable,
        blocks: { sampled: blocks.looked, found: blocks.found },
      },
    }));
    if (before?.heldLink !== undefined && before.heldLink !== heldLink) this.#release(before.heldLink, manifest);
  }

  /** What the others that are kept take at most, as far as it is known. */
  #reservedBytes(but: string): number {
    let bytes = 0;
    for (const [link, { keep }] of this.#kept()) {
      if (link !== but) bytes += (keep?.last?.blocksTotal ?? 0) * PAYLOAD_BYTES;
    }
    return bytes;
  }

  #note(link: string, change: (keep: Keep) => Keep): Promise<void> {
    return this.#deps.library.amend(link, (entry) => {
      const { problem: _, ...keep } = entry.keep ?? { on: true, nextSegment: 0 };
      return { ...entry, keep: change(keep) };
    });
  }

  #after(delayMs: number): number {
    const { clock, random } = this.#deps;
    const spreadMs = Math.round(delayMs * SPREAD);
    return clock.now() + delayMs - spreadMs + random.below(2 * spreadMs + 1);
  }

  /** Removes what is held of an edition, but for what `manifest` has too. What it cannot name leaves by its age. */
  #release(heldLink: string, manifest?: Manifest): void {
    const { kept, onDefect } = this.#deps;
    this.#releasing = this.#releasing
      .then(async () => {
        const { signal } = this.#stop;
        // All are named before one is removed: the lists that name the others are blocks themselves. 32 bytes each.
        const addresses: Uint8Array[] = [];
        for await (const address of heldAddresses(this.#deps, linkFromText(heldLink), signal, manifest))
          addresses.push(address);
        for (const address of addresses) {
          if (signal.aborted) return;
          await kept.remove(address);
        }
        // The same quota again: room within the file goes back to the disk where a quota is set.
        const { quotaBytes } = await kept.stats();
        await kept.setQuota(quotaBytes);
      })
      .catch((thrown: unknown) => {
        if (!this.#stop.signal.aborted) onDefect(thrown);
      });
  }
}

function entryOf(text: string, link: PublicationLink, manifest: Manifest, atMs: number): LibraryEntry {
  return {
    link: text,
    origin: 'opened',
    title: manifest.title,
    shape: manifest.shape,
    type: typeOf(manifest),
    sizeBytes: manifest.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    edition: manifest.edition,
    class: className(link),
    k: link.k,
    n: link.n,
    atMs,
  };
}
