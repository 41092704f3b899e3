/** A query in plain words: what the field understood of it, a few words for each of its parts. */
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import { formatList, formatSize } from '../../lib/format.ts';
import { t } from '../../lib/messages/translate.ts';
import { isFilter, piecesOf, readFilters } from './filters.ts';

export function queryWords(query: string): string[] {
  const pieces = piecesOf(query).map(({ text }) => text);
  const words = pieces.filter((piece) => !isFilter(piece)).map(wordOf);
  const { kind, fileKinds, minSizeBytes, maxSizeBytes, maxAgeDays } = readFilters(query);
  const kinds = FILE_KINDS.filter((name) => fileKinds?.includes(name)).map((name) => t(`fileKinds.${name}`));
  return [
    ...words.filter((word) => word !== ''),
    ...(kind === undefined ? [] : [t(kind === 'direct' ? 'asked.direct' : 'asked.anonymous')]),
    ...(kinds.length === 0 ? [] : [t('asked.types', { list: formatList(kinds).toLocaleLowerCase() })]),
    ...(minSizeBytes === undefined ? [] : [t('asked.over', { size: formatSize(minSizeBytes) })]),
    ...(maxSizeBytes === undefined ? [] : [t('asked.under', { size: formatSize(maxSizeBytes) })]),
    ...(maxAgeDays === undefined ? [] : [t('asked.age', { count: maxAgeDays })]),
  ];
}

function wordOf(piece: string): string {
  const isExcluded = piece.startsWith('-') && piece.length > 1;
  const bare = isExcluded ? piece.slice(1) : piece;
  const phrase = /^"([^"]*)"?$/.exec(bare)?.[1];
  const shown =
    phrase !== undefined
      ? t('asked.phrase', { phrase })
      : bare.endsWith('*') && bare.length > 1
        ? t('asked.prefix', { prefix: bare.slice(0, -1) })
        : t('asked.word', { word: bare });
  return isExcluded ? t('asked.without', { what: shown }) : shown;
}
