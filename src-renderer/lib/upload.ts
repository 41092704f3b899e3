/** Puts chosen files into a staging area of the node over HTTP, a few at a time, with progress. */
import { BroadsideError } from '../../shared/base/errors.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { ERROR_CODES } from '../../shared/base/errors.ts';
import { takeToken } from './connection/token.ts';
import type { ChosenFile } from './dropped-files.ts';
import { encodePath } from './link-text.ts';
import { t } from './messages/translate.ts';

/** Browsers open six connections to a host; two are left for the page itself. */
const PARALLEL = 4;

/** Rejects with BroadsideError; `cancelled` when the signal says so. */
export async function uploadAll(
  staging: string,
  files: readonly ChosenFile[],
  onProgress: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const sent = new Map<number, number>();
  let settledBytes = 0;
  const report = (): void => onProgress(settledBytes + [...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  let next = 0;
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async (): Promise<void> => {
    for (let index = next++; index < files.length; index = next++) {
      const { path, file } = files[index]!;
      try {
        await put(`/staging/${encodeURIComponent(staging)}/${encodePath(path)}`, file, either, (bytes) => {
          sent.set(index, bytes);
          report();
        });
      } catch (thrown) {
        failed.abort();
        throw thrown;
      }
      sent.delete(index);
      settledBytes += file.size;
      report();
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, files.length) }, lane));
}

function put(url: string, file: File, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // XMLHttpRequest, because fetch does not tell how much has been sent.
    const request = new XMLHttpRequest();
    const cancelled = (): BroadsideError => new BroadsideError('cancelled', t('upload.cancelled'));
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const abort = (): void => request.abort();
    signal.addEventListener('abort', abort, { once: true });
    request.addEventListener('loadend', () => signal.removeEventListener('abort', abort));
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded));
    request.addEventListener('abort', () => reject(cancelled()));
    request.addEventListener('error', () =>
      reject(new BroadsideError('offline', t('upload.broken', { name: file.name }))),
    );
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else
        reject(
          errorIn(request.responseText) ??
            new BroadsideError('unexpected', t('upload.refused', { name: file.name, status: String(request.status) })),
        );
    });
    request.open('PUT', url);
    request.setRequestHeader('authorization', `Bearer ${takeToken() ?? ''}`);
    request.send(file);
  });
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
