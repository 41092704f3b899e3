/**
 * The answer to a request for the content of an open publication, whatever brought the request: the HTTP server of the
 * daemon or a scheme in Electron. Reading only; every answer, errors too, carries the policy of policy.ts.
 */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { essenceOf } from './answer.ts';
import type { ContentAnswer, ContentRequest, ServedFile, ServedPublication } from './answer.ts';
import { InertRefusal, MAX_DOCUMENT_BYTES } from '../../workers/inert/pool.ts';
import type { InertProblem } from '../../workers/inert/pool.ts';
import type { InertRequest, InertResult } from '../../workers/inert/messages.ts';
import { attachment, begun, bytes, collect, lastPart } from './file-bytes.ts';
import {
  MAX_MARKDOWN_BYTES,
  awayPage,
  decodeAddress,
  listingPage,
  markdownPage,
  noticePage,
  picturePage,
  sourcePage,
  textPage,
} from './pages.ts';
import { contentSecurityPolicy, guardHeaders } from './policy.ts';
import type { ContentPolicyOptions } from './policy.ts';
import { ENGLISH } from '../words/words.ts';
import type { HostWords, PlainKey } from '../words/words.ts';

export interface ContentOptions extends ContentPolicyOptions {
  /**
   * True where content is shown in a view of its own (Electron), which is a top-level document; false in a browser, where
   * a link that is opened in a tab of its own would leave the app's trust strip behind.
   */
  readonly allowTopLevel: boolean;
  /** Instead of policy.ts's for content. */
  readonly policy?: string;
  /** Makes a document inert (workers/inert). Rejects with InertRefusal. */
  readonly inert: (request: InertRequest) => Promise<InertResult>;
  /** Whoever shows the content asks before a link is followed that leads away; else a page of ours tells where it leads. */
  readonly asksForLinks?: boolean;
  /** What pages of our own speak; absent: English. */
  readonly words?: HostWords;
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

/** What the query of an address asks for; there is no other, and links in content have none (workers/inert). */
interface Asked {
  readonly path: string;
  /** save: the bytes as they were published; inert: a copy that nothing can be run from or loaded by; source: as text. */
  readonly as: 'shown' | 'save' | 'inert' | 'source';
  readonly find?: string;
}

async function answerOrNotice(
  publication: ServedPublication | undefined,
  request: ContentRequest,
  options: ContentOptions,
): Promise<ContentAnswer> {
  const guard = guardHeaders(options.policy ?? contentSecurityPolicy(options));
  const { words = ENGLISH } = options;
  const notice = (status: number, title: NoticeKey, link?: NoticeLink): ContentAnswer =>
    html(guard, status, noticePage(words, words.t(title), words.t(`${title}Text`), link));
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return {
      ...notice(405, 'notice.onlyReading'),
      headers: { ...guard, allow: 'GET, HEAD' },
    };
  }
  if (publication === undefined) return notice(404, 'notice.notOpen');
  const target = readTarget(request.target);
  if (target === undefined) return notice(400, 'notice.badAddress');
  const asked = readQuery(target.path, target.query);
  if (isTopLevel(request) && !options.allowTopLevel && asked.as !== 'save' && asked.as !== 'inert')
    return notice(403, 'notice.inside');
  if (target.path === '' && target.query.startsWith('away=')) {
    const address = decodeAddress(target.query.slice('away='.length));
    // Without content a frame stays where it is.
    if (options.asksForLinks === true) return { status: 204, headers: guard, told: { kind: 'away', address } };
    return html(guard, 200, awayPage(words, address));
  }
  try {
    const answer = await answerPath(publication, request, { ...options, words }, guard, asked);
    if (asked.as !== 'shown' || answer.status >= 400) return answer;
    return { ...answer, told: answer.told ?? { kind: 'page', path: target.path, blocked: [] } };
  } catch (thrown) {
    if (thrown instanceof InertRefusal) {
      const [status, title] = REFUSALS[thrown.problem];
      const href = `/${asked.path.split('/').map(encodeURIComponent).join('/')}?source`;
      return notice(status, title, title === 'notice.notInert' ? { href, text: words.t('notice.source') } : undefined);
    }
    const { code } = toBroadsideError(thrown);
    const status = code === 'not-found' ? 404 : code === 'unexpected' ? 500 : 503;
    const sentence = code === 'unexpected' ? words.t('notice.unexpectedText') : words.failure(thrown);
    return html(guard, status, noticePage(words, words.t('notice.notArrived'), sentence));
  }
}

/** Notices that have a sentence under the same name. */
type NoticeKey = { [Key in PlainKey]: `${Key}Text` extends PlainKey ? Key : never }[PlainKey];
type NoticeLink = { readonly href: string; readonly text: string };
/** What the pages of ours are made with. */
type SpokenOptions = ContentOptions & { readonly words: HostWords };

async function answerPath(
  publication: ServedPublication,
  request: ContentRequest,
  options: SpokenOptions,
  guard: Record<string, string>,
  asked: Asked,
): Promise<ContentAnswer> {
  const { path } = asked;
  const { words } = options;
  const found = resolvePath(publication, path);
  if (found !== undefined) return answerFile(publication, found, request, options, guard, asked);
  const directory = path === '' || path.endsWith('/') ? path : `${path}/`;
  const listing = listingPage(words, publication.title, directory, publication.files);
  if (listing === undefined) {
    const link = { href: '/', text: words.t('notice.firstPage') };
    return html(guard, 404, noticePage(words, words.t('notice.notInIt'), words.t('notice.notInItText'), link));
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
export function resolvePath(publication: ServedPublication, path: string): ServedFile | undefined {
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
  options: SpokenOptions,
  guard: Record<string, string>,
  asked: Asked,
): Promise<ContentAnswer> {
  const type = essenceOf(file.type);
  const name = lastPart(file.path);
  const { words } = options;
  const inert = async (kind: InertRequest['kind'], purpose: InertRequest['purpose'] = 'show'): Promise<InertResult> => {
    if (file.sizeBytes > MAX_DOCUMENT_BYTES) throw new InertRefusal('too-large', file.path);
    const whole = await collect(publication.read(file.path, 0, file.sizeBytes, request.signal));
    return options.inert({
      kind,
      path: file.path,
      purpose,
      bytes: whole,
      ...(asked.find !== undefined && { find: asked.find }),
    });
  };
  const shown = (result: InertResult, body: Uint8Array): ContentAnswer => ({
    ...html(guard, 200, body),
    told: {
      kind: 'page',
      path: asked.path,
      blocked: result.blocked,
      ...(asked.find !== undefined && { found: result.found }),
    },
  });
  const kind = inertKind(type);
  if (asked.as === 'inert' && kind !== undefined) {
    const { bytes: body } = await inert(kind, 'save');
    return { ...octets(guard, file, body) };
  }
  if (asked.as === 'save' || asked.as === 'inert')
    return bytes(publication, file, request, {
      ...guard,
      ...attachment(file),
      'content-type': 'application/octet-stream',
    });

  // Without the header (an old browser) a request is taken for the one that needs more care.
  const destination = request.headers['sec-fetch-dest'] ?? 'document';
  const asDocument = ['document', 'iframe', 'frame', 'object', 'embed', 'fencedframe'].includes(destination);
  const isText =
    kind !== undefined || type.startsWith('text/') || type.endsWith('+xml') || type.endsWith('+json') || TEXT.has(type);

  if (
    asDocument &&
    isText &&
    (asked.as === 'source' || (asked.find !== undefined && type !== 'text/html' && type !== 'text/markdown'))
  ) {
    const result = await inert('text');
    return shown(result, sourcePage(words, name, new TextDecoder().decode(result.bytes), type === 'text/plain'));
  }
  if (type === 'text/html') {
    const result = await inert('html');
    return shown(result, result.bytes);
  }
  if (type === 'image/svg+xml') {
    if (asDocument) {
      // The picture itself is asked for by the page; what was left out of it is told with the page.
      return shown(await inert('svg'), picturePage(words, name));
    }
    return { status: 200, headers: { ...guard, 'content-type': 'image/svg+xml' }, body: (await inert('svg')).bytes };
  }
  if (type === 'text/markdown' && asDocument && file.sizeBytes <= MAX_MARKDOWN_BYTES) {
    const result = await inert('markdown');
    return shown(result, markdownPage(words, name, new TextDecoder().decode(result.bytes)));
  }
  if (type === 'text/css' && !asDocument) {
    const { bytes: body } = await inert('css');
    return { status: 200, headers: { ...guard, 'content-type': 'text/css; charset=utf-8' }, body };
  }
  if (type === 'text/vtt' && !asDocument) {
    return bytes(publication, file, request, { ...guard, 'content-type': 'text/vtt; charset=utf-8' });
  }
  if (type === 'text/plain' && asDocument) {
    const headers = { ...guard, 'content-type': 'text/html; charset=utf-8' };
    if (request.method === 'HEAD') return { status: 200, headers };
    const source = await begun(publication.read(file.path, 0, file.sizeBytes, request.signal));
    return { status: 200, headers, body: textPage(words, name, source) };
  }
  // Scripts, XML and the rest of what is text is text here: nobody runs or styles it.
  if (isText) {
    return bytes(publication, file, request, { ...guard, 'content-type': 'text/plain; charset=utf-8' });
  }
  if (SHOWN.test(type)) return bytes(publication, file, request, { ...guard, 'content-type': type });
  if (asDocument && type === 'application/pdf' && options.viewerUrl !== undefined) {
    return { status: 302, headers: { ...guard, location: options.viewerUrl(file.path) } };
  }
  if (asDocument) {
    return html(guard, 200, noticePage(words, name, words.t('notice.noViewerText', { type })));
  }
  return bytes(publication, file, request, { ...guard, 'content-type': 'application/octet-stream' });
}

/** What a document of this type is made inert as; undefined for what runs and loads nothing. */
export function inertKind(type: string): 'html' | 'svg' | 'css' | undefined {
  return type === 'text/html' ? 'html' : type === 'image/svg+xml' ? 'svg' : type === 'text/css' ? 'css' : undefined;
}

function octets(guard: Record<string, string>, file: ServedFile, body: Uint8Array): ContentAnswer {
  const headers = {
    ...guard,
    ...attachment(file),
    'content-type': 'application/octet-stream',
    'content-length': String(body.length),
  };
  return { status: 200, headers, body };
}

/** Longest words that are looked for. */
const MAX_FIND_LENGTH = 200;

function readQuery(path: string, query: string): Asked {
  if (query === 'save' || query === 'inert' || query === 'source') return { path, as: query };
  if (!query.startsWith('find=')) return { path, as: 'shown' };
  return {
    path,
    as: 'shown',
    find: decodeAddress(query.slice('find='.length).split('&', 1)[0]!).slice(0, MAX_FIND_LENGTH),
  };
}

const REFUSALS: Readonly<Record<InertProblem, readonly [status: number, title: NoticeKey]>> = {
  'too-large': [413, 'notice.tooLarge'],
  'too-slow': [413, 'notice.tooSlow'],
  'not-inert': [422, 'notice.notInert'],
  busy: [503, 'notice.busy'],
};

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
