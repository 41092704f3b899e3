/** One file that is read while it is loaded, and after: from where its bytes come, who reads where, and what is wanted first. */
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { EventValue } from '../../../shared/ipc/contract.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Crypto } from '../../core/ports.ts';
import { PAGE_HASHES } from '../../core/transfer/pages.ts';
import { chunkBytesOf, chunkHash, HASH_BYTES } from '../../core/transfer/tree.ts';
import type { FilePart } from './file-part.ts';

/** Ranges of one file that are read at once: a browser asks for two or three, of six connections. */
export const MAX_READS = 32;
/** Of a file that is whole, read at once. */
const BLOCK_BYTES = 1_048_576;

/** A file that is whole, as it was when it was finished. */
export interface FinishedMedia {
  readonly sizeBytes: number;
  /** Another when the file is another, or was changed. */
  readonly stamp: string;
  /** Undefined when it is gone, or is not as it was finished any more. */
  open(): Promise<
    { read(offset: number, length: number): Promise<Uint8Array | undefined>; close(): Promise<void> } | undefined
  >;
}

export type Media =
  | {
      readonly kind: 'loading';
      readonly part: Pick<FilePart, 'sizeBytes' | 'has' | 'readPage' | 'readChunk' | 'onChange'>;
      /** Chunks from this one on come first; undefined: in order. */
      readonly wantFrom: (chunk: number | undefined) => void;
    }
  | { readonly kind: 'finished'; readonly file: FinishedMedia };

/** By what a file that is played is known: its job, or its folder's and its number in it. */
export function playedKey(job: string, file: number | undefined): string {
  return file === undefined ? job : `${job}/${file}`;
}

/** Whether it is one of the files of this folder. */
export function isOfFolder(key: string, job?: string): boolean {
  return job === undefined ? key.includes('/') : key.startsWith(`${job}/`);
}

interface Reading {
  readonly play: string;
  atBytes: number;
  isWaiting: boolean;
}

export class PlayedFile {
  job: string;
  readonly #crypto: Crypto;
  readonly #onState: (file: PlayedFile) => void;
  #media: Media | undefined;
  #stopListening: (() => void) | undefined;
  /** What is being read; the latest last. */
  readonly #readings = new Set<Reading>();
  readonly #waiters = new Set<() => void>();
  /** How often anything came or changed: who looked before does not wait. */
  #changes = 0;
  /** What loading was told to begin with; undefined: nothing, or to go on in order. */
  #wanted: number | undefined;
  #lastAtBytes = 0;

  constructor(crypto: Crypto, job: string, media: Media | undefined, onState: (file: PlayedFile) => void) {
    this.#crypto = crypto;
    this.job = job;
    this.#onState = onState;
    this.setMedia(media);
  }

  get hasMedia(): boolean {
    return this.#media !== undefined;
  }

  setMedia(media: Media | undefined): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#media = media;
    this.#wanted = undefined;
    if (media?.kind === 'loading') this.#stopListening = media.part.onChange(() => this.#onChange());
    this.#onChange();
  }

  /** Its bytes can be had, and will not be when it is forgotten; what is whole of a folder is found again by whoever asks. */
  get isNeeded(): boolean {
    return this.#media?.kind === 'loading' || (this.#media !== undefined && !isOfFolder(this.job));
  }

  /** Gives it to another. */
  takeMedia(): Media | undefined {
    const media = this.#media;
    this.setMedia(undefined);
    return media;
  }

  isRead(play: string): boolean {
    for (const reading of this.#readings) if (reading.play === play) return true;
    return false;
  }

  /** Where it was read last, and whether that waits. */
  state(): EventValue<'playing'> {
    const latest = [...this.#readings].at(-1);
    const [job, file] = this.job.split('/') as [string, string?];
    return {
      job,
      ...(file !== undefined && { file: Number(file) }),
      ...{ atBytes: this.#lastAtBytes, isWaiting: latest?.isWaiting ?? false },
    };
  }

  /** Nobody looks any more, or not now: loading goes on in order, unless somebody else plays it. */
  end(play: string): void {
    for (const reading of this.#readings) if (reading.play === play) this.#readings.delete(reading);
    if (this.#readings.size === 0) this.#want(undefined);
    else this.#wantLatest();
    // Whoever waits for it finds that it was ended.
    this.#onChange();
  }

  async sizeBytes(signal: AbortSignal | undefined): Promise<number> {
    for (;;) {
      const seen = this.#changes;
      const media = this.#media;
      const size = media?.kind === 'loading' ? media.part.sizeBytes : media?.file.sizeBytes;
      if (size !== undefined) return size;
      await this.#changed(seen, signal);
    }
  }

  async *read(play: string, start: number, end: number, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    if (this.#readings.size >= MAX_READS)
      throw new BroadsideError('busy', 'This file is being read in too many places. Close a player, then try again.');
    const reading: Reading = { play, atBytes: start, isWaiting: false };
    this.#readings.add(reading);
    try {
      while (reading.atBytes < end) {
        signal?.throwIfAborted();
        const bytes = await this.#next(reading, end, signal);
        reading.atBytes += bytes.length;
        yield bytes;
      }
    } finally {
      this.#readings.delete(reading);
      this.#lastAtBytes = reading.atBytes;
      this.#wantLatest();
      this.#onState(this);
    }
  }

  /** What comes next of a range, when it is here and proved. */
  async #next(reading: Reading, end: number, signal: AbortSignal | undefined): Promise<Uint8Array> {
    for (;;) {
      if (!this.#readings.has(reading)) throw new BroadsideError('not-found', 'This player was closed. Open it again.');
      const seen = this.#changes;
      const media = this.#media;
      const { atBytes } = reading;
      this.#lastAtBytes = atBytes;
      if (media?.kind === 'finished') {
        const bytes = await readFinished(media.file, atBytes, Math.min(end, atBytes + BLOCK_BYTES));
        this.#setWaiting(reading, false);
        return bytes;
      }
      const size = media?.part.sizeBytes;
      if (media !== undefined && size !== undefined) {
        this.#wantLatest();
        const chunkBytes = chunkBytesOf(size);
        const chunk = Math.floor(atBytes / chunkBytes);
        const bytes = media.part.has(chunk) ? await this.#readProved(media, chunk) : undefined;
        if (bytes !== undefined) {
          this.#setWaiting(reading, false);
          const from = chunk * chunkBytes;
          return bytes.subarray(atBytes - from, Math.min(bytes.length, end - from));
        }
      }
      this.#setWaiting(reading, true);
      await this.#changed(seen, signal);
    }
  }

  /** A chunk that is here, compared with its hash once more; undefined when it is not read from there any more. Throws `damaged`. */
  async #readProved(media: Media & { readonly kind: 'loading' }, chunk: number): Promise<Uint8Array | undefined> {
    try {
      const hashes = await media.part.readPage({ level: 0, index: Math.floor(chunk / PAGE_HASHES) });
      const bytes = await media.part.readChunk(chunk);
      const place = (chunk % PAGE_HASHES) * HASH_BYTES;
      const hash = hashes?.subarray(place, place + HASH_BYTES);
      if (bytes !== undefined && hash !== undefined && bytesEqual(chunkHash(this.#crypto, bytes), hash)) return bytes;
    } catch (thrown) {
      if (this.#media === media) throw thrown;
    }
    // It was closed in between: whole, or paused.
    if (this.#media !== media) return undefined;
    throw new BroadsideError(
      'damaged',
      'What was loaded was changed on the disk by another program. Remove the download and load it anew.',
    );
  }

  #setWaiting(reading: Reading, isWaiting: boolean): void {
    if (reading.isWaiting === isWaiting && !isWaiting) return;
    reading.isWaiting = isWaiting;
    this.#onState(this);
  }

  /** Loading begins where somebody began to read last; where nobody reads now, it stays where it is until the player ends. */
  #wantLatest(): void {
    const latest = [...this.#readings].at(-1);
    if (latest === undefined || this.#media?.kind !== 'loading') return;
    const size = this.#media.part.sizeBytes;
    if (size !== undefined) this.#want(Math.floor(latest.atBytes / chunkBytesOf(size)));
  }

  #want(chunk: number | undefined): void {
    if (this.#wanted === chunk) return;
    this.#wanted = chunk;
    if (this.#media?.kind === 'loading') this.#media.wantFrom(chunk);
  }

  #onChange(): void {
    this.#changes += 1;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when anything came or changed since it was `seen`; rejects when it is not waited for any more. */
  #changed(seen: number, signal: AbortSignal | undefined): Promise<void> {
    if (this.#changes !== seen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#waiters.delete(wake);
        signal?.removeEventListener('abort', onAbort);
      };
      const wake = (): void => {
        settle();
        resolve();
      };
      const onAbort = (): void => {
        settle();
        reject(signal?.reason as Error);
      };
      if (signal?.aborted === true) return onAbort();
      this.#waiters.add(wake);
      signal?.addEventListener('abort', onAbort, { once: true });
      return undefined;
    });
  }
}

async function readFinished(media: FinishedMedia, start: number, end: number): Promise<Uint8Array> {
  const file = await media.open();
  try {
    const bytes = await file?.read(start, end - start);
    if (bytes !== undefined) return bytes;
  } finally {
    await file?.close();
  }
  throw new BroadsideError(
    'damaged',
    'The file was changed, moved or removed since it was loaded and verified. Load it again, or open it yourself.',
  );
}
