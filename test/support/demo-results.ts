/** What stories of searching find: nobody's files and publications, and the same each time. */
import { createHash } from 'node:crypto';
import { encodeBase32 } from '../../shared/base/base32.ts';
import { fileKindOf, isProgram, nameWarnings } from '../../shared/base/file-kinds.ts';
import type { Result, SearchState, User, Wish } from '../../shared/ipc/search-model.ts';
import type { DemoSearch, SearchStory } from './demo-search.ts';
import { demoLink } from './demo-things.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const DAY_MS = 86_400_000;

const SOURCES = ['k4fq 5d2m', 'n7df 2qk4', 'r5nh w2ve', 'dumq 7xkt'].map((name) => ({
  name,
  publicKey: digest(name).toString('hex'),
}));

/** Where the words stand in a name. */
function marksOf(name: string, words: readonly string[]): { from: number; to: number }[] {
  const pattern = new RegExp(words.join('|'), 'giu');
  return [...name.matchAll(pattern)].map((match) => ({ from: match.index, to: match.index + match[0].length }));
}

const WORDS = ['harbour', 'dredg\\w+', 'minutes'];

/** A shared file of this name. */
export function demoFile(name: string, over: Partial<Result> = {}): Result {
  const warnings = nameWarnings(name);
  const sources = over.sources ?? 1;
  return {
    id: `direct:${digest(name).toString('hex')}`,
    kind: 'direct',
    link: `broadside:file/${encodeBase32(digest(name))}?name=${encodeURIComponent(name)}&size=${over.sizeBytes ?? 88_000}`,
    name,
    otherNames: [],
    sizeBytes: 88_000,
    fileKind: fileKindOf(name),
    isProgram: isProgram(name),
    ...(warnings.length > 0 && { warnings }),
    marks: marksOf(name, WORDS),
    sources,
    sourceNames: SOURCES.slice(0, Math.min(sources, SOURCES.length)),
    freeSources: 0,
    sinceMs: Math.floor(Date.now() / DAY_MS - 3) * DAY_MS,
    isHere: false,
    ...over,
  };
}

/** A listed publication of this title. */
export function demoListing(name: string, over: Partial<Result> = {}): Result {
  return {
    id: `anonymous:${digest(name).toString('hex')}`,
    kind: 'anonymous',
    link: demoLink(name),
    name,
    otherNames: [],
    sizeBytes: 64_000,
    fileKind: 'document',
    isProgram: false,
    marks: marksOf(name, WORDS),
    sinceMs: Math.floor(Date.now() / DAY_MS) * DAY_MS,
    isHere: false,
    ...over,
  };
}

/** One of each kind that a list must show well. */
export function demoResults(): Result[] {
  return [
    demoListing('Minutes of the harbour committee, 1911', {
      keywords: ['soundings', 'the vote on dredging', 'north channel'],
      sizeBytes: 21_900_000,
      isHere: true,
    }),
    demoFile('Harbour board minutes 1908–1914, scanned.pdf', {
      ...{ folder: 'Port records', sizeBytes: 212_000_000, sources: 9, freeSources: 6, score: 0.9 },
      otherNames: ['harbour-minutes-1908.pdf', 'scan_0001.pdf'],
    }),
    demoListing('Cost of dredging, by year', { keywords: ['tonnage', 'wages', 'harbour accounts'], sizeBytes: 88_000 }),
    demoFile('Dredger at the north bar, plate 4.tif', {
      ...{ folder: 'Port records/Plates', sizeBytes: 31_400_000, sources: 3, rating: 0.9 },
    }),
    demoListing('محاضر لجنة المرفأ، ١٩١١', { keywords: ['minutes of March and April'] }),
    demoFile('harbour_minutes_viewer_setup.exe', { folder: 'stuff', sizeBytes: 4_100_000, rating: 0.1 }),
    demoFile('dredging_invoice_\u202efdp.exe', { folder: 'stuff', sizeBytes: 610_000 }),
    demoListing('A pilot’s notes on dredging the outer harbour', {
      keywords: ['typescript', '61 pages'],
      sizeBytes: 7_700_000,
      sinceMs: Date.now() - 40 * DAY_MS,
    }),
    demoFile('Songs of the dredgers.flac', { folder: 'Sound/Recordings/1962', sizeBytes: 44_000_000, sources: 2 }),
  ];
}

/** So many files, no two alike: for lists that are long. */
export function manyResults(count: number): Result[] {
  return Array.from({ length: count }, (_, index) =>
    demoFile(`harbour minutes ${index + 1}, sheet ${(index * 7919) % 10_000}.${index % 5 === 0 ? 'jpg' : 'pdf'}`, {
      sizeBytes: 1000 + ((index * 104_729) % 400_000_000),
      sources: 1 + (index % 7),
      score: ((index * 31) % 1000) / 1000,
    }),
  );
}

export function demoWish(query: string, over: Partial<Wish> = {}): Wish {
  const now = Date.now();
  return {
    id: `wish-${query}`,
    query,
    createdMs: now - 9 * DAY_MS,
    lastMs: now - 5_400_000,
    fresh: 0,
    notify: true,
    ...over,
  };
}

export function demoUser(name: string, over: Partial<User> = {}): User {
  return { publicKey: digest(name).toString('hex'), name, isHot: true, isBlocked: false, online: true, ...over };
}

/** A story in which each search tells what is given, once, and stays in that state. */
export function telling(change: Partial<SearchState>, results: readonly Result[] = demoResults()): SearchStory {
  return {
    onSearch: (state, demo: DemoSearch) => {
      const news = { ...state, hubsAsked: 12, hubsKnown: 19, messages: 31, hits: results.length, ...change };
      queueMicrotask(() => demo.tell(news, results));
    },
  };
}
