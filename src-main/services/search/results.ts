/** What a search found, as the interface sees it. */
import { formatFileLink } from '../../../shared/base/file-links.ts';
import { isProgram, nameWarnings } from '../../../shared/base/file-kinds.ts';
import { decodeLinkBody, formatLink } from '../../../shared/base/links.ts';
import type { Result, ResultOrder } from '../../../shared/ipc/search-model.ts';
import type { Content } from '../../core/search/collector.ts';
import { kindOf } from '../../core/search/match.ts';
import { marksOf } from '../../core/search/marks.ts';
import type { Query } from '../../core/search/query.ts';
import { shortName } from '../node/node-status.ts';
import { featuresOf } from './rating.ts';
import type { Rating } from './rating.ts';

const DAY_MS = 86_400_000;
/** As the contract. */
const MAX_SOURCE_NAMES = 20;
/** What was hidden often sinks: by its rating a find keeps between so much of its score and all of it. Guess. */
const LEAST_SHARE = 0.2;

export interface ResultDeps {
  readonly rating: Rating;
  /** Whether a result's link is in the library, or the content on this machine. */
  readonly isHere: (link: string, content: Content) => boolean;
}

export function resultOf(content: Content, query: Query, { rating, isHere }: ResultDeps): Result {
  const { id, found, sources, otherNames, day, score } = content;
  const name = found.kind === 'direct' ? found.entry.name : found.entry.title;
  const link = linkOf(content);
  const rated = rating.rate(featuresOf(content, query));
  const warnings = found.kind === 'direct' ? nameWarnings(name) : [];
  const marks = marksOf(query, name);
  return {
    id,
    kind: found.kind,
    link,
    name,
    otherNames: [...otherNames],
    ...(found.kind === 'direct' && found.entry.folder !== '' && { folder: found.entry.folder }),
    ...(found.kind === 'anonymous' && found.entry.keywords.length > 0 && { keywords: [...found.entry.keywords] }),
    sizeBytes: found.entry.sizeBytes,
    fileKind: kindOf(found),
    isProgram: found.kind === 'direct' ? isProgram(name) : found.entry.fileKind === 'program',
    ...(warnings.length > 0 && { warnings }),
    ...(marks.length > 0 && { marks }),
    score: score * (rated === undefined ? 1 : LEAST_SHARE + (1 - LEAST_SHARE) * rated),
    ...(found.kind === 'direct' && {
      sources: sources.size,
      sourceNames: [...sources]
        .slice(0, MAX_SOURCE_NAMES)
        .map(([publicKey, source]) => ({ name: shortName(source.publicKey), publicKey })),
      freeSources: [...sources.values()].filter(({ freeSlots }) => freeSlots > 0).length,
    }),
    sinceMs: day * DAY_MS,
    ...(rated !== undefined && { rating: rated }),
    isHere: isHere(link, content),
  };
}

/** In the order that was asked for; of those that are alike in it, in the order in which they came. */
export function inOrder(results: readonly Result[], order: ResultOrder): Result[] {
  const compare: Readonly<Record<ResultOrder, (a: Result, b: Result) => number>> = {
    calm: () => 0,
    rank: (a, b) => (b.score ?? 0) - (a.score ?? 0),
    name: (a, b) => a.name.localeCompare(b.name),
    size: (a, b) => b.sizeBytes - a.sizeBytes,
    newest: (a, b) => (b.sinceMs ?? 0) - (a.sinceMs ?? 0),
    sources: (a, b) => (b.sources ?? 0) - (a.sources ?? 0),
  };
  return [...results].sort(compare[order]);
}

function linkOf({ found }: Content): string {
  if (found.kind === 'direct') {
    const { root, name, sizeBytes } = found.entry;
    return formatFileLink({ root, name, sizeBytes });
  }
  const link = decodeLinkBody(found.entry.link);
  // The codec let nothing else in.
  if (!link.ok) throw new Error('a listing without a link');
  return formatLink(link.value);
}
