/** The bytes of a file as an answer: whole or a range, under headers that say what they are. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { ContentAnswer, ContentRequest, ServedFile, ServedPublication } from './answer.ts';
import { readRange } from './range.ts';

/** The bytes of a file or of a range of it, under headers that say what they are. */
export async function bytes(
  publication: Pick<ServedPublication, 'read'>,
  file: ServedFile,
  request: ContentRequest,
  headers: Record<string, string>,
): Promise<ContentAnswer> {
  const tagged = { ...headers, 'accept-ranges': 'bytes', ...entityTag(file) };
  const tag = tagged.etag;
  if (tag !== undefined && matchesTag(request.headers['if-none-match'], tag)) return { status: 304, headers: tagged };
  const condition = request.headers['if-range'];
  const range = readRange(
    condition === undefined || condition === tag ? request.headers['range'] : undefined,
    file.sizeBytes,
  );
  if (range.kind === 'unsatisfiable') {
    return { status: 416, headers: { ...tagged, 'content-range': `bytes */${file.sizeBytes}`, 'content-length': '0' } };
  }
  const { start, end } = range.kind === 'part' ? range : { start: 0, end: file.sizeBytes };
  const whole = { ...tagged, 'content-length': String(end - start) };
  const answered =
    range.kind === 'part' ? { ...whole, 'content-range': `bytes ${start}-${end - 1}/${file.sizeBytes}` } : whole;
  const status = range.kind === 'part' ? 206 : 200;
  if (request.method === 'HEAD') return { status, headers: answered };
  return { status, headers: answered, body: await begun(publication.read(file.path, start, end, request.signal)) };
}

/** Fetches the first piece before the status is said, so that what cannot be had is an error and not a broken answer. */
export async function begun(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const iterator = source[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* () {
    try {
      if (first.done !== true) yield first.value;
      for (;;) {
        const next = first.done === true ? first : await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  })();
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

function entityTag(file: ServedFile): { etag?: string } {
  return file.contentHash === undefined ? {} : { etag: `"${toHex(file.contentHash)}"` };
}

function matchesTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header
    .split(',')
    .some((candidate) => candidate.trim().replace(/^W\//, '') === tag || candidate.trim() === '*');
}

/** The name in both forms of RFC 6266: plain ASCII for who reads no other, and RFC 8187's for the rest. */
export function attachment(file: ServedFile): Record<string, string> {
  const name = lastPart(file.path);
  const plain = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  const extended = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return { 'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${extended}` };
}

export function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
