/**
 * Answers for the viewer origin of a publication: our viewer page, pdf.js, and the bytes of this publication's PDFs. A PDF that
 * took pdf.js over would hold an origin that can read this one publication and reach nothing else.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { essenceOf } from './answer.ts';
import type { ContentAnswer, ContentRequest, ServedPublication } from './answer.ts';
import { answerContent, readTarget } from './content.ts';
import { bytes } from './file-bytes.ts';
import { escapeHtml, noticePage } from './pages.ts';
import { guardHeaders, printedContentPolicy, viewerSecurityPolicy } from './policy.ts';
import type { ContentOptions } from './content.ts';
import { CATALOGUES, ENGLISH } from '../words/words.ts';
import type { HostWords, PlainKey, WordKey } from '../words/words.ts';

/** Where the files of the viewer are: our page, and the package pdfjs-dist (or a directory with the same layout). */
export interface ViewerAssets {
  /** Has viewer.html, viewer.css, viewer.js and what that imports. */
  readonly pageDirectory: string;
  /** Has build/, cmaps/, standard_fonts/, wasm/, iccs/. */
  readonly pdfjsDirectory: string;
}

/** The files beside this module and in node_modules, or what the build copied to `built` (out/viewer). */
export function findViewerAssets(projectRoot: string): ViewerAssets {
  const built = join(projectRoot, 'out', 'viewer');
  if (existsSync(join(built, 'viewer.html'))) return { pageDirectory: built, pdfjsDirectory: join(built, 'pdfjs') };
  return {
    pageDirectory: join(projectRoot, 'src-main', 'host', 'content', 'viewer'),
    pdfjsDirectory: join(projectRoot, 'node_modules', 'pdfjs-dist'),
  };
}

const PAGE_FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '': ['viewer.html', 'text/html; charset=utf-8'],
  'viewer.js': ['viewer.js', 'text/javascript; charset=utf-8'],
  'find.js': ['find.js', 'text/javascript; charset=utf-8'],
  'paper.js': ['paper.js', 'text/javascript; charset=utf-8'],
  'texts.js': ['texts.js', 'text/javascript; charset=utf-8'],
  'viewer.css': ['viewer.css', 'text/css; charset=utf-8'],
  'print.html': ['print.html', 'text/html; charset=utf-8'],
  'print.js': ['print.js', 'text/javascript; charset=utf-8'],
};
const PDFJS_FILES: Readonly<Record<string, readonly [file: string, type: string]>> = {
  'pdf.mjs': ['build/pdf.min.mjs', 'text/javascript; charset=utf-8'],
  'pdf.worker.mjs': ['build/pdf.worker.min.mjs', 'text/javascript; charset=utf-8'],
};
/** Before the path of a document that is printed. */
const PRINTED = 'page/';
/** One directory and one plain name: nothing that could climb. */
const PDFJS_DATA = /^(cmaps|standard_fonts|wasm|iccs)\/([A-Za-z0-9_-]+\.(bcmap|pfb|ttf|js|wasm|icc))$/;
const DATA_TYPES: Readonly<Record<string, string>> = { js: 'text/javascript; charset=utf-8', wasm: 'application/wasm' };

/** Never rejects. */
export async function answerViewer(
  publication: ServedPublication | undefined,
  request: ContentRequest,
  options: ContentOptions & { readonly assets: ViewerAssets },
): Promise<ContentAnswer> {
  const answer = await answerAny(publication, request, options);
  return request.method === 'HEAD' ? { status: answer.status, headers: answer.headers } : answer;
}

async function answerAny(
  publication: ServedPublication | undefined,
  request: ContentRequest,
  options: ContentOptions & { readonly assets: ViewerAssets },
): Promise<ContentAnswer> {
  const guard = guardHeaders(viewerSecurityPolicy(options));
  const { words = ENGLISH } = options;
  const refuse = (status: number, key: PlainKey): ContentAnswer => {
    const body = noticePage(words, words.t('notice.notHere'), words.t(key));
    return {
      status,
      headers: { ...guard, 'content-type': 'text/html; charset=utf-8', 'content-length': String(body.length) },
      body,
    };
  };
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, 'notice.onlyReadingText');
  const target = readTarget(request.target);
  if (publication === undefined || target === undefined) return refuse(404, 'notice.notOpenText');
  if (request.headers['sec-fetch-dest'] === 'document' && !options.allowTopLevel) {
    return refuse(403, 'notice.insideText');
  }
  if (target.path.startsWith('content/')) {
    const file = publication.file(target.path.slice('content/'.length));
    if (file === undefined || essenceOf(file.type) !== 'application/pdf') return refuse(404, 'notice.noPdfText');
    try {
      return await bytes(publication, file, request, { ...guard, 'content-type': 'application/octet-stream' });
    } catch {
      return refuse(503, 'notice.partText');
    }
  }
  if (target.path.startsWith(PRINTED)) {
    // The inert document again, where our page that prints can call it.
    const printed = { ...request, target: `/${request.target.slice(1 + PRINTED.length)}` };
    const { told: _, ...answer } = await answerContent(publication, printed, {
      ...options,
      allowTopLevel: false,
      policy: printedContentPolicy(options),
    });
    return answer;
  }
  const found = locate(target.path, options.assets);
  if (found === undefined && target.path !== WORDS) return refuse(404, 'notice.nothingText');
  let body: Uint8Array;
  try {
    body = found === undefined ? wordsModule(words) : new Uint8Array(await readFile(found.path));
  } catch {
    return refuse(404, 'notice.nothingText');
  }
  if (found?.type.startsWith('text/html') === true) body = spoken(body, words);
  return {
    status: 200,
    headers: {
      ...guard,
      'content-type': found?.type ?? 'text/javascript; charset=utf-8',
      'content-length': String(body.length),
    },
    body,
  };
}

/** Words of the viewer for its script, which fills their places by itself. */
const WORDS = 'words.js';

function wordsModule(words: HostWords): Uint8Array {
  const keys = (Object.keys(CATALOGUES.en) as WordKey[]).filter((key) => key.startsWith('pdf.'));
  const texts = Object.fromEntries(keys.map((key) => [key, words.raw(key)]));
  return new TextEncoder().encode(
    `export const texts = ${JSON.stringify(texts)};\nexport const locale = ${JSON.stringify(words.locale)};\n`,
  );
}

/** Our page with {{language}}, {{direction}} and {{keys}} of its words filled in. */
function spoken(page: Uint8Array, words: HostWords): Uint8Array {
  const filled = new TextDecoder().decode(page).replace(/\{\{([\w.]+)\}\}/g, (whole, name: string) => {
    if (name === 'language') return words.language;
    if (name === 'direction') return words.direction;
    return Object.hasOwn(CATALOGUES.en, name) ? escapeHtml(words.raw(name as WordKey)) : whole;
  });
  return new TextEncoder().encode(filled);
}

function locate(path: string, assets: ViewerAssets): { path: string; type: string } | undefined {
  const own = Object.hasOwn(PAGE_FILES, path) ? PAGE_FILES[path] : undefined;
  if (own !== undefined) return { path: join(assets.pageDirectory, own[0]), type: own[1] };
  const library = Object.hasOwn(PDFJS_FILES, path) ? PDFJS_FILES[path] : undefined;
  if (library !== undefined) return { path: join(assets.pdfjsDirectory, library[0]), type: library[1] };
  const data = PDFJS_DATA.exec(path);
  if (data === null) return undefined;
  return {
    path: join(assets.pdfjsDirectory, data[1]!, data[2]!),
    type: DATA_TYPES[data[3]!] ?? 'application/octet-stream',
  };
}
