/**
 * The answer to a request for the content of an open publication, whatever brought the request: the HTTP server of the
 * daemon or a scheme in Electron. Reading only; every answer, errors too, carries the policy of policy.ts.
 */
import { toHex } from '../../../shared/base/bytes.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { essenceOf } from './answer.ts';
import type { ContentAnswer, ContentRequest, ServedFile, ServedPublication } from './answer.ts';
import { filterHtml, isUtf16 } from './html-filter.ts';
import { MAX_MARKDOWN_BYTES, awayPage, listingPage, markdownPage, noticePage, picturePage } from './pages.ts';
import { contentSecurityPolicy, guardHeaders } from './policy.ts';
import type { ContentPolicyOptions } from './policy.ts';
import { readRange } from './range.ts';

export interface ContentOptions extends ContentPolicyOptions {
  /**
   * True where content is shown in a view of its own (Electron), which is a top-level document; false in a browser, where
   * a link that is opened in a tab of its own would leave the app's trust strip behind.
   */
  readonly allowTopLevel: boolean;
  /** Address of our viewer for a PDF of this publication, by path. */
  readonly viewerUrl?: (path: string) => string;
}

/** Longest path and query that is looked at; publications allow paths of 4,096 bytes, three characters each when encoded. */
export const MAX_TARGET_LENGTH = 16_384;

/** What a browser may show by itself under the type of the manifest. Everything else is bytes to be saved. */
const SHOWN =
  /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon|apng)|(?:audio|video)\/[a-z0-9.+-]+|font\/[a-z0-9.+-]+|application\/(?:font-woff2?|ogg))$/;

const TEXT = new Set([
  'application/json',
  'application/ld+json',
  'application/xml',
  'application/xhtml+xml',
  'application/javascript',
  'application/ecmascript',
  'application/x-javascript',
  'application/toml',
  'application/yaml',
  'application/sql',
  'application/x-sh',
  'application/rtf',
  'application/atom+xml',
  'application/rss+xml',
]);

/** Answers for the publication of a label, or for a label that nothing is open under (`undefined`). Never rejects. */
export async function answerContent(
  publication: ServedPublication | undefined,
  request: ContentRequest,
  options: ContentOptions,
): Promise<ContentAnswer> {
  const answer = await answerOrNotice(publication, request, options);
  if (request.method !== 'HEAD') return answer;
  return { status: answer.status, headers: answer.headers };
}

async function answerOrNotice(
  publication: ServedPublication | undefined,
  request: ContentRequest,
  options: ContentOptions,
): Promise<ContentAnswer> {
  const guard = guardHeaders(contentSecurityPolicy(options));
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return {
      ...notice(guard, 405, 'Only reading', 'A publication can be read here and nothing else.'),
      headers: { ...guard, allow: 'GET, HEAD' },
    };
  }
  if (publication === undefined) {
    return notice(guard, 404, 'Not open', 'Nothing is open under this address. Open the link in Broadside.');
  }
  const target = readTarget(request.target);
  if (target === undefined)
    return notice(guard, 400, 'Bad address', 'This address cannot be read. Go back and follow another link.');
  const save = target.query === 'save';
  if (isTopLevel(request) && !options.allowTopLevel && !save) {
    return notice(
      guard,
      403,
      'Open it in Broadside',
      'Content is shown inside Broadside only, where it says what this is and from where. Open the link there.',
    );
  }
  if (target.path === '' && target.query.startsWith('away=')) {
    return html(guard, 200, awayPage(target.query.slice('away='.length)));
  }
  try {
    return await answerPath(publication, request, options, guard, target.path, save);
  } catch (thrown) {
    const { code, message } = toBroadsideError(thrown);
    const status = code === 'not-found' ? 404 : code === 'unexpected' ? 500 : 503;
    return notice(
      guard,
      status,
      'It did not arrive',
      code === 'unexpected' ? 'Something unexpected happened. Try again.' : message,
    );
  }
}

async function answerPath(
  publication: ServedPublication,
  request: ContentRequest,
  options: ContentOptions,
  guard: Record<string, string>,
  path: string,
  save: boolean,
): Promise<ContentAnswer> {
  const found = resolvePath(publication, path);
  if (found !== undefined) return answerFile(publication, found, request, options, guard, save);
  const directory = path === '' || path.endsWith('/') ? path : `${path}/`;
  const listing = listingPage(publication.title, directory, publication.files);
  if (listing === undefined) {
    return notice(guard, 404, 'Not in this publication', 'It has no file of this name.', {
      href: '/',
      text: 'To its first page',
    });
  }
  if (directory !== path) {
    // Relative links in a listing need the slash.
    return {
      status: 301,
      headers: { ...guard, location: `/${directory.split('/').map(encodeURIComponent).join('/')}` },
    };
  }
  return html(guard, 200, listing);
}

/** A single file answers at the root as well as under its name; a folder answers with its index. */
function resolvePath(publication: ServedPublication, path: string): ServedFile | undefined {
  if (path === '') {
    if (publication.shape === 'file' && publication.files.length === 1) return publication.files[0];
    if (publication.index !== undefined) return publication.file(publication.index);
    return undefined;
  }
  if (!path.endsWith('/')) return publication.file(path);
  return publication.file(`${path}index.html`) ?? publication.file(`${path}index.htm`);
}

async function answerFile(
  publication: ServedPublication,
  file: ServedFile,
  request: ContentRequest,
  options: ContentOptions,
  guard: Record<string, string>,
  save: boolean,
): Promise<ContentAnswer> {
  const type = essenceOf(file.type);
  if (save)
    return bytes(publication, file, request, {
      ...guard,
      ...attachment(file),
      'content-type': 'application/octet-stream',
    });

  // Without the header (an old browser) a request is taken for the one that needs more care.
  const destination = request.headers['sec-fetch-dest'] ?? 'document';
  const asDocument = ['document', 'iframe', 'frame', 'object', 'embed', 'fencedframe'].includes(destination);

  if (type === 'text/html') {
    const start = await collect(publication.read(file.path, 0, Math.min(2, file.sizeBytes), request.signal));
    if (isUtf16(start)) return bytes(publication, file, request, { ...guard, 'content-type': 'text/plain' });
    const headers = { ...guard, 'content-type': 'text/html; charset=utf-8' };
    const whole = publication.read(file.path, 0, file.sizeBytes, request.signal);
    return { status: 200, headers, body: await begun(filterHtml(whole)) };
  }
  if (type === 'image/svg+xml') {
    if (asDocument) return html(guard, 200, picturePage(lastPart(file.path)));
    return bytes(publication, file, request, { ...guard, 'content-type': 'image/svg+xml' });
  }
  if (type === 'text/markdown' && asDocument && file.sizeBytes <= MAX_MARKDOWN_BYTES) {
    const text = new TextDecoder().decode(
      await collect(publication.read(file.path, 0, file.sizeBytes, request.signal)),
    );
    const laidOut = markdownPage(lastPart(file.path), text);
    return html(guard, 200, await collect(filterHtml(once(laidOut))));
  }
  if (type === 'text/css' && !asDocument) {
    return bytes(publication, file, request, { ...guard, 'content-type': 'text/css; charset=utf-8' });
  }
  if (type === 'text/vtt' && !asDocument) {
    return bytes(publication, file, request, { ...guard, 'content-type': 'text/vtt; charset=utf-8' });
  }
  // Scripts, XML and the rest of what is text is text here: nobody runs or styles it.
  if (type.startsWith('text/') || type.endsWith('+xml') || type.endsWith('+json') || TEXT.has(type)) {
    return bytes(publication, file, request, { ...guard, 'content-type': 'text/plain; charset=utf-8' });
  }
  if (SHOWN.test(type)) return bytes(publication, file, request, { ...guard, 'content-type': type });
  if (asDocument && type === 'application/pdf' && options.viewerUrl !== undefined) {
    return { status: 302, headers: { ...guard, location: options.viewerUrl(file.path) } };
  }
  if (asDocument) {
    return html(
      guard,
      200,
      noticePage(
        lastPart(file.path),
        `Broadside has no viewer for this type of file (${type}). Save it to open it with another program, which may run or load what is in it.`,
      ),
    );
  }
  return bytes(publication, file, request, { ...guard, 'content-type': 'application/octet-stream' });
}

/** The bytes of a file or of a range of it, under headers that say what they are. */
export async function bytes(
  publication: ServedPublication,
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
async function begun(source: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
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

async function* once(part: Uint8Array): AsyncGenerator<Uint8Array> {
  yield part;
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
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

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The decoded path without its leading slash, and the query; undefined for what no publication can have. */
export function readTarget(target: string): { path: string; query: string } | undefined {
  if (target.length > MAX_TARGET_LENGTH || !target.startsWith('/')) return undefined;
  const hash = target.indexOf('#');
  const withoutHash = hash === -1 ? target : target.slice(0, hash);
  const mark = withoutHash.indexOf('?');
  const rawPath = mark === -1 ? withoutHash : withoutHash.slice(0, mark);
  let path: string;
  try {
    path = decodeURIComponent(rawPath.slice(1));
  } catch {
    return undefined;
  }
  // Names are looked up in a list and never on a disk; these can be in no list, so they are not looked up.
  if (path.includes('\0') || path.split('/').some((part) => part === '.' || part === '..')) return undefined;
  return { path, query: mark === -1 ? '' : withoutHash.slice(mark + 1) };
}

/** A navigation of a tab, not of a frame or of a picture. */
function isTopLevel(request: ContentRequest): boolean {
  return request.headers['sec-fetch-dest'] === 'document';
}

function html(guard: Record<string, string>, status: number, body: Uint8Array): ContentAnswer {
  return {
    status,
    headers: { ...guard, 'content-type': 'text/html; charset=utf-8', 'content-length': String(body.length) },
    body,
  };
}

function notice(
  guard: Record<string, string>,
  status: number,
  title: string,
  sentence: string,
  link?: { href: string; text: string },
): ContentAnswer {
  return html(guard, status, noticePage(title, sentence, link));
}
