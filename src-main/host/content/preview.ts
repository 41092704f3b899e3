/**
 * What readers would see of something before it is published: its files, served from where they lie by what serves an open
 * publication, and what that would leave out of them and where their links lead nowhere.
 */
import { addBlocked } from '../../../shared/base/blocked.ts';
import type { Blocked } from '../../../shared/base/blocked.ts';
import type { Preview } from '../../../shared/ipc/contract.ts';
import { KIB } from '../../../shared/base/units.ts';
import { openRegular } from '../../services/survey/regular-file.ts';
import type { SurveyResult, SurveyedFile } from '../../services/survey/survey.ts';
import type { InertRequest, InertResult } from '../../workers/inert/messages.ts';
import { InertRefusal, MAX_DOCUMENT_BYTES } from '../../workers/inert/pool.ts';
import { essenceOf } from './answer.ts';
import type { ServedFile, ServedPublication } from './answer.ts';
import { inertKind, resolvePath } from './content.ts';
import { MAX_MARKDOWN_BYTES } from './pages.ts';

/** Documents that are looked through, ten to forty milliseconds each of those that people write; more are only counted. */
const MAX_DOCUMENTS = 2_000;
/** Of each list in what is told (shared/ipc/contract.ts). */
const MAX_LISTED = 200;
/** Documents that are looked through at once, as many as the pool has threads at most. */
const PARALLEL = 2;
const READ_BYTES = 64 * KIB;

/** `path`s of files on this machine as a publication. What changed since it was surveyed reads as it is now. */
export function servedFromDisk(found: SurveyResult): ServedPublication {
  const files = new Map(found.files.map((file) => [file.path, file]));
  const listed = found.files.map(({ path, type, sizeBytes }): ServedFile => ({ path, type, sizeBytes }));
  const byPath = new Map(listed.map((file) => [file.path, file]));
  return {
    title: found.title,
    shape: found.shape,
    ...(found.index !== undefined && { index: found.index }),
    files: listed,
    file: (path) => byPath.get(path),
    read(path, start, end, signal) {
      const file = files.get(path);
      if (file === undefined) throw new RangeError(`no file ${path}`);
      return readPart(file, start, end, signal);
    },
  };
}

async function* readPart(
  file: SurveyedFile,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const handle = await openRegular(file.absolutePath, file.path);
  try {
    let at = start;
    while (at < end) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await handle.read(new Uint8Array(Math.min(READ_BYTES, end - at)), 0, undefined, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

/** Looks through all documents. Where it is shown is for the caller to add. */
export async function lookThrough(
  publication: ServedPublication,
  inert: (request: InertRequest) => Promise<InertResult>,
): Promise<Omit<Preview, 'contentUrl' | 'viewerUrl'>> {
  const documents = publication.files.flatMap((file) => {
    const kind = kindOf(file);
    return kind === undefined ? [] : [{ file, kind }];
  });
  const looked = documents.slice(0, MAX_DOCUMENTS);
  const folders = foldersOf(publication);
  const pages: { path: string; blocked: Blocked[] }[] = [];
  const brokenLinks: { page: string; target: string }[] = [];
  const notShown: string[] = [];
  let brokenCount = 0;
  const look = async ({ file, kind }: (typeof looked)[number]): Promise<void> => {
    let result: InertResult;
    try {
      result = await inert({ kind, path: file.path, purpose: 'show', bytes: await whole(publication, file) });
    } catch (thrown) {
      if (!(thrown instanceof InertRefusal)) throw thrown;
      notShown.push(file.path);
      return;
    }
    if (result.blocked.length > 0) pages.push({ path: file.path, blocked: [...result.blocked] });
    for (const target of result.targets) {
      if (resolvePath(publication, target) !== undefined || folders.has(target.replace(/\/$/, ''))) continue;
      brokenCount += 1;
      brokenLinks.push({ page: file.path, target });
    }
  };
  let next = 0;
  const lanes = Array.from({ length: PARALLEL }, async () => {
    for (let index = next++; index < looked.length; index = next++) await look(looked[index]!);
  });
  await Promise.all(lanes);
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
  return {
    blocked: addBlocked(pages.map(({ blocked }) => blocked)),
    pages: pages.sort(byPath).slice(0, MAX_LISTED),
    brokenLinks: brokenLinks
      .sort((a, b) => (a.page === b.page ? (a.target < b.target ? -1 : 1) : a.page < b.page ? -1 : 1))
      .slice(0, MAX_LISTED),
    brokenCount,
    notShown: notShown.sort().slice(0, MAX_LISTED),
    documents: looked.length,
    unchecked: documents.length - looked.length,
  };
}

function kindOf(file: ServedFile): InertRequest['kind'] | undefined {
  const type = essenceOf(file.type);
  if (type === 'text/markdown') return file.sizeBytes <= MAX_MARKDOWN_BYTES ? 'markdown' : undefined;
  return inertKind(type);
}

async function whole(publication: ServedPublication, file: ServedFile): Promise<Uint8Array> {
  if (file.sizeBytes > MAX_DOCUMENT_BYTES) throw new InertRefusal('too-large', file.path);
  const parts: Uint8Array[] = [];
  for await (const part of publication.read(file.path, 0, file.sizeBytes)) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

/** A link to a folder shows a list of its files. */
function foldersOf(publication: ServedPublication): Set<string> {
  const folders = new Set(['']);
  for (const { path } of publication.files) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
      folders.add(path.slice(0, slash));
  }
  return folders;
}
