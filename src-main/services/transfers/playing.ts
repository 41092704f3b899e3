/**
 * Files that are looked at while they arrive. Whoever reads a range of one waits, by an event, for the chunks that are not here, and
 * gets none that was not verified; where it reads, loading goes on first, and in order again once nobody plays it any more.
 */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { playableOf } from '../../../shared/base/playable.ts';
import type { PlayKind } from '../../../shared/base/playable.ts';
import type { EventValue, Reply } from '../../../shared/ipc/contract.ts';
import type { Crypto } from '../../core/ports.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Media } from './playing-media.ts';
import { isOfFolder, PlayedFile } from './playing-media.ts';

/** Players that are open at once; nobody looks at more. Each holds a few numbers; the one least lately used ends. Guess. */
export const MAX_PLAYS = 16;
/** Nothing was read for so long: paused, or its window is gone. Loading goes on in order until it is read again. Guess. */
const IDLE_MS = 120_000;
/** At most four events a second (shared/ipc/contract.ts). */
const TELL_MS = 250;

/** What a player reads: the content server answers for it. */
export interface Play {
  readonly name: string;
  readonly kind: PlayKind | 'other';
  /** Media type. */
  readonly type: string;
  /** Names the content, for entity tags. */
  readonly root: Uint8Array;
  /** Waits until it is proved. */
  sizeBytes(signal: AbortSignal | undefined): Promise<number>;
  /** Bytes `start` ... `end` - 1. */
  read(start: number, end: number, signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
}

/** Where plays are shown: an origin for each. */
export interface PlayOrigins {
  /** Address of its origin, ending in '/'; undefined where nothing shows content. */
  open(id: string, play: Play): string | undefined;
  close(id: string): void;
}

interface PlayingDeps {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly origins: PlayOrigins;
  readonly tell: (value: EventValue<'playing'>) => void;
}

interface Opened {
  readonly file: PlayedFile;
  stopIdle: (() => void) | undefined;
}

export class Playing {
  readonly #deps: PlayingDeps;
  /** By job, or file of a folder: what is loaded, or was. */
  readonly #files = new Map<string, PlayedFile>();
  /** By play, the least lately read first. */
  readonly #plays = new Map<string, Opened>();
  #stopTelling: (() => void) | undefined;
  /** Of which something is to be told. */
  readonly #changed = new Set<PlayedFile>();

  constructor(deps: PlayingDeps) {
    this.#deps = deps;
  }

  /** Where the bytes of a job come from now; undefined: from nowhere, while it is paused. */
  setMedia(job: string, media: Media | undefined): void {
    const file = this.#files.get(job);
    if (file !== undefined) file.setMedia(media);
    else if (media !== undefined) this.#files.set(job, this.#newFile(job, media));
    this.#drop(job);
  }

  /** Another job goes on with it, and with the files of its folder. */
  moved(job: string, next: string): void {
    for (const key of this.#filesOf(job)) this.#move(key, next + key.slice(job.length));
    this.#move(job, next);
  }

  #move(job: string, next: string): void {
    const file = this.#files.get(job);
    if (file === undefined || job === next) return;
    this.#files.delete(job);
    const begun = this.#files.get(next);
    this.#files.set(next, file);
    file.job = next;
    if (begun !== undefined) file.setMedia(begun.takeMedia());
  }

  /** The job is off the list. */
  gone(job: string): void {
    for (const key of this.#filesOf(job)) this.#forget(key);
    this.#forget(job);
  }

  #filesOf(job: string): string[] {
    return [...this.#files.keys()].filter((key) => isOfFolder(key, job));
  }

  #forget(job: string): void {
    const file = this.#files.get(job);
    if (file === undefined) return;
    for (const [id, opened] of this.#plays) if (opened.file === file) this.stop(id);
    file.setMedia(undefined);
    this.#files.delete(job);
  }

  /** `media`: where its bytes come from, when that is not known here yet. Throws `usage` where nothing shows content. */
  start(job: string, name: string, root: Uint8Array, media?: Media): Reply<'play.start'> {
    const file = this.#files.get(job) ?? this.#newFile(job, media);
    if (media !== undefined && !file.hasMedia) file.setMedia(media);
    const id = this.#deps.newId();
    const { kind, type } = playableOf(name) ?? { kind: 'other' as const, type: 'application/octet-stream' };
    const contentUrl = this.#deps.origins.open(id, {
      name,
      kind,
      type,
      root,
      sizeBytes: (signal) => file.sizeBytes(signal),
      read: (start, end, signal) => this.#read(id, file, start, end, signal),
    });
    if (contentUrl === undefined) throw new BroadsideError('usage', 'Nothing here can show it. Open it in the app.');
    this.#files.set(job, file);
    this.#plays.set(id, { file, stopIdle: undefined });
    for (const oldest of this.#plays.keys()) {
      if (this.#plays.size <= MAX_PLAYS) break;
      this.stop(oldest);
    }
    return { play: id, kind, contentUrl, state: file.state() };
  }

  /** The player was closed: what it waited for is not looked for first any more. One that is not open is no error. */
  stop(play: string): void {
    const opened = this.#plays.get(play);
    if (opened === undefined) return;
    this.#plays.delete(play);
    this.#deps.origins.close(play);
    opened.stopIdle?.();
    opened.file.end(play);
    this.#drop(opened.file.job);
  }

  close(): void {
    for (const play of [...this.#plays.keys()]) this.stop(play);
    this.#stopTelling?.();
  }

  /** Of all tables, for whoever looks whether they are bounded. */
  get sizes(): { readonly plays: number; readonly files: number } {
    return { plays: this.#plays.size, files: this.#files.size };
  }

  async *#read(
    play: string,
    file: PlayedFile,
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    const opened = this.#plays.get(play);
    if (opened === undefined) throw new BroadsideError('not-found', 'This player was closed. Open it again.');
    this.#plays.delete(play);
    this.#plays.set(play, opened);
    this.#setIdle(opened, undefined);
    try {
      yield* file.read(play, start, end, signal);
    } finally {
      if (!file.isRead(play) && this.#plays.get(play) === opened)
        this.#setIdle(
          opened,
          this.#deps.clock.after(IDLE_MS, () => file.end(play)),
        );
    }
  }

  #setIdle(opened: Opened, stopIdle: (() => void) | undefined): void {
    opened.stopIdle?.();
    opened.stopIdle = stopIdle;
  }

  #newFile(job: string, media: Media | undefined): PlayedFile {
    return new PlayedFile(this.#deps.crypto, job, media, (file) => this.#tellLater(file));
  }

  /** A file that nobody loads or plays is forgotten. */
  #drop(job: string): void {
    const file = this.#files.get(job);
    if (file === undefined || file.isNeeded) return;
    for (const { file: played } of this.#plays.values()) if (played === file) return;
    this.#files.delete(job);
  }

  #tellLater(file: PlayedFile): void {
    this.#changed.add(file);
    this.#stopTelling ??= this.#deps.clock.after(TELL_MS, () => {
      this.#stopTelling = undefined;
      for (const changed of this.#changed) this.#deps.tell(changed.state());
      this.#changed.clear();
    });
  }
}
