/**
 * Puts chosen files into a staging area of the node over HTTP, a few at a time, with progress. What breaks off goes on where it was:
 * after the connection is back, or from what an earlier page had sent, which is compared part by part first.
 */
import { STAGED_PART_BYTES } from '../../shared/base/staged-parts.ts';
import { toHex } from '../../shared/base/bytes.ts';
import { BroadsideError } from '../../shared/base/errors.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { ERROR_CODES } from '../../shared/base/errors.ts';
import { node } from './connection/node.svelte.ts';
import { takeToken } from './connection/token.ts';
import type { ChosenFile } from './dropped-files.ts';
import { encodePath } from './link-text.ts';
import { t } from './messages/translate.ts';

/** Browsers open six connections to a host; two are left for the page itself. */
const PARALLEL = 4;
/** Times that a file breaks off without a byte more having come, while the node answers; then it is said. Guess. */
const MAX_VAIN = 3;

/** What is here of a file is not what it was: another place has to be begun. */
export class OtherContent extends Error {}

export interface UploadReport {
  /** Bytes that the node has. */
  progress(doneBytes: number): void;
  /** Bytes that the node had before and that are compared now. */
  compared(bytes: number): void;
  /** The node does not answer, or does again. */
  waiting(isWaiting: boolean): void;
}

/** Rejects with BroadsideError, `cancelled` when the signal says so; or OtherContent, where `resumed` files are there that differ. */
export async function uploadAll(
  staging: string,
  files: readonly ChosenFile[],
  resumed: boolean,
  report: UploadReport,
  signal: AbortSignal,
): Promise<void> {
  const sent = new Map<number, number>();
  let settledBytes = 0;
  const tell = (): void => report.progress(settledBytes + [...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  let next = 0;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      const chosen = files[index]!;
      const told = (bytes: number): void => {
        sent.set(index, bytes);
        tell();
      };
      try {
        await new Sending(staging, chosen, report, told, either).run(resumed);
      } catch (thrown) {
        failed.abort();
        throw thrown;
      }
      sent.delete(index);
      settledBytes += chosen.file.size;
      tell();
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, files.length) }, lane));
}

/** One file on its way. */
class Sending {
  readonly #staging: string;
  readonly #path: string;
  readonly #file: File;
  readonly #report: UploadReport;
  readonly #told: (bytes: number) => void;
  readonly #signal: AbortSignal;

  constructor(
    staging: string,
    { path, file }: ChosenFile,
    report: UploadReport,
    told: (bytes: number) => void,
    signal: AbortSignal,
  ) {
    this.#staging = staging;
    this.#path = path;
    this.#file = file;
    this.#report = report;
    this.#told = told;
    this.#signal = signal;
  }

  async run(resumed: boolean): Promise<void> {
    let start: number | 'whole' | undefined = resumed ? undefined : 0;
    for (let vain = 0; ;) {
      let before = 0;
      try {
        const from: number | 'whole' = start ?? (await this.#startOf());
        if (from === 'whole') return;
        before = from;
        this.#told(from);
        return await this.#put(from);
      } catch (thrown) {
        if (this.#signal.aborted) throw cancelled();
        if (!isOffline(thrown) || vain === MAX_VAIN) throw thrown;
      }
      if (!node.isOpen) {
        this.#report.waiting(true);
        await node.opened(this.#signal);
        this.#report.waiting(false);
      }
      start = await this.#startOf().catch((thrown: unknown) => {
        if (isOffline(thrown)) return before;
        throw thrown;
      });
      vain = start === 'whole' || start > before ? 0 : vain + 1;
    }
  }

  /** How much of it the node has that is the same; from the beginning where a part differs. Rejects with OtherContent where all is there and is not. */
  async #startOf(): Promise<number | 'whole'> {
    const file = this.#file;
    let compared = 0;
    for (;;) {
      const from = compared / STAGED_PART_BYTES;
      const here = await node.call('publish.staged', { staging: this.#staging, path: this.#path, from });
      if (here.isWhole && here.sizeBytes !== file.size) throw new OtherContent();
      if (here.sizeBytes > file.size) return 0;
      for (const digest of here.digests) {
        if (this.#signal.aborted) throw cancelled();
        const part = file.slice(compared, Math.min(file.size, compared + STAGED_PART_BYTES));
        if ((await digestOf(part)) !== digest) {
          if (here.isWhole) throw new OtherContent();
          return compared;
        }
        compared += part.size;
        this.#report.compared(part.size);
      }
      if (here.isWhole && compared === file.size) return 'whole';
      // All of it came, and not that it was all: the last part once more.
      if (compared === file.size) return Math.max(0, compared - STAGED_PART_BYTES);
      if (here.digests.length === 0 || compared + STAGED_PART_BYTES > here.sizeBytes) return compared;
    }
  }

  #put(from: number): Promise<void> {
    const [file, signal] = [this.#file, this.#signal];
    return new Promise((resolve, reject) => {
      // XMLHttpRequest, because fetch does not tell how much has been sent.
      const request = new XMLHttpRequest();
      if (signal.aborted) {
        reject(cancelled());
        return;
      }
      const abort = (): void => request.abort();
      signal.addEventListener('abort', abort, { once: true });
      request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
      request.upload.addEventListener('progress', (event) => this.#told(from + event.loaded));
      request.addEventListener('abort', () => reject(cancelled()));
      request.addEventListener('error', () =>
        reject(new BroadsideError('offline', t('upload.broken', { name: file.name }))),
      );
      request.addEventListener('load', () => {
        if (request.status >= 200 && request.status < 300) resolve();
        else
          reject(
            errorIn(request.responseText) ??
              new BroadsideError(
                'unexpected',
                t('upload.refused', { name: file.name, status: String(request.status) }),
              ),
          );
      });
      request.open('PUT', `/staging/${encodeURIComponent(this.#staging)}/${encodePath(this.#path)}`);
      request.setRequestHeader('authorization', `Bearer ${takeToken() ?? ''}`);
      if (from > 0) request.setRequestHeader('content-range', `bytes ${from}-${file.size - 1}/${file.size}`);
      request.send(from > 0 ? file.slice(from) : file);
    });
  }
}

const isOffline = (thrown: unknown): boolean => thrown instanceof BroadsideError && thrown.code === 'offline';
const cancelled = (): BroadsideError => new BroadsideError('cancelled', t('upload.cancelled'));

async function digestOf(part: Blob): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', await part.arrayBuffer())));
}

/** What tells the same choice again: all paths, sizes and times. */
export async function choiceOf(files: readonly ChosenFile[]): Promise<string> {
  const lines = files.map(({ path, file }) => JSON.stringify([path, file.size, file.lastModified])).sort();
  return digestOf(new Blob([lines.join('\n')]));
}

/** The node's own words, when its answer has them. */
function errorIn(text: string): BroadsideError | undefined {
  try {
    const body = JSON.parse(text) as {
      error?: { code?: unknown; message?: unknown };
      code?: unknown;
      message?: unknown;
    };
    const { code, message } = body.error ?? body;
    if (typeof message !== 'string' || !ERROR_CODES.includes(code as ErrorCode)) return undefined;
    return new BroadsideError(code as ErrorCode, message);
  } catch {
    return undefined;
  }
}
