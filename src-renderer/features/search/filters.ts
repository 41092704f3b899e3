/** Filters of a search: as they stand typed in a query, as boxes beside the results, and over the results themselves. */
import { FILE_KINDS } from '../../../shared/base/file-kinds.ts';
import type { FileKind } from '../../../shared/base/file-kinds.ts';
import { GB, GIB, KIB, MB, MIB } from '../../../shared/base/units.ts';
import type { Result } from '../../../shared/ipc/search-model.ts';

export type Way = Result['kind'];
export const WAYS: readonly Way[] = ['anonymous', 'direct'];

/** What is absent filters nothing. */
export interface Filters {
  readonly kind?: Way;
  readonly fileKinds?: readonly FileKind[];
  readonly minSizeBytes?: number;
  readonly maxSizeBytes?: number;
  readonly maxAgeDays?: number;
}

export const DAY_MS = 86_400_000;
/** As queries write sizes; decimal, as sizes are shown, and those of others besides. The first of a size is the one written. */
const UNITS: Readonly<Record<string, number>> = {
  ...{ b: 1, kb: 1000, mb: MB, gb: GB, tb: 1000 * GB },
  ...{ k: 1000, m: MB, g: GB, t: 1000 * GB, kib: KIB, mib: MIB, gib: GIB, tib: 1024 * GIB },
};
const WRITTEN_UNITS = ['tb', 'gb', 'mb', 'kb', 'b'] as const;
const DAYS: Readonly<Record<string, number>> = { d: 1, w: 7, m: 30, y: 365 };

interface Piece {
  readonly text: string;
  readonly from: number;
}
/** Parts of a query between blanks; what stands in quotes is one. */
export function piecesOf(query: string): Piece[] {
  return [...query.matchAll(/[-−]?["“”„‟＂«»][^"“”„‟＂«»]*["“”„‟＂«»]?|[^\s"“”„‟＂«»]+/gu)].map((match) => ({
    text: match[0],
    from: match.index,
  }));
}

const FILTER = /^(kind|type|size|age):(.+)$/i;
export function isFilter(piece: string): boolean {
  return FILTER.test(piece);
}

/** The filters that are typed in a query. What cannot be read is left to the node, which says what is wrong with it. */
export function readFilters(query: string): Filters {
  const filters: { -readonly [Name in keyof Filters]: Filters[Name] } = {};
  for (const { text } of piecesOf(query)) {
    const [, name = '', value = ''] = FILTER.exec(text) ?? [];
    const lower = value.toLowerCase();
    if (name.toLowerCase() === 'kind') filters.kind = WAYS.find((way) => way === lower) ?? filters.kind!;
    if (name.toLowerCase() === 'type') {
      const asked = lower.split(',');
      filters.fileKinds = FILE_KINDS.filter((kind) => asked.includes(kind));
    }
    if (name.toLowerCase() === 'size') {
      const bytes = amountOf(lower.replace(/^[<>]=?/, ''), UNITS);
      if (bytes !== undefined && lower.startsWith('>')) filters.minSizeBytes = bytes;
      if (bytes !== undefined && lower.startsWith('<')) filters.maxSizeBytes = bytes;
    }
    if (name.toLowerCase() === 'age') {
      const days = amountOf(lower.replace(/^<?=?/, ''), DAYS);
      if (days !== undefined) filters.maxAgeDays = days;
    }
  }
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as Filters;
}

function amountOf(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, figure = '', unit = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text) ?? [];
  const factor = units[unit === '' ? Object.keys(units)[0]! : unit];
  return figure === '' || factor === undefined ? undefined : Math.round(Number(figure) * factor);
}

/** The query with these filters in place of those that it had; its words stay as they were typed. */
export function writeFilters(query: string, filters: Filters): string {
  const words = piecesOf(query)
    .map(({ text }) => text)
    .filter((text) => !isFilter(text));
  const { kind, fileKinds, minSizeBytes, maxSizeBytes, maxAgeDays } = filters;
  return [
    ...words,
    ...(kind === undefined ? [] : [`kind:${kind}`]),
    ...(fileKinds === undefined ? [] : [`type:${fileKinds.join(',')}`]),
    ...(minSizeBytes === undefined ? [] : [`size:>${writeSize(minSizeBytes)}`]),
    ...(maxSizeBytes === undefined ? [] : [`size:<${writeSize(maxSizeBytes)}`]),
    ...(maxAgeDays === undefined ? [] : [`age:<${maxAgeDays}d`]),
  ].join(' ');
}

function writeSize(bytes: number): string {
  const unit = WRITTEN_UNITS.find((name) => bytes >= UNITS[name]! && bytes % UNITS[name]! === 0) ?? 'b';
  return `${bytes / UNITS[unit]!}${unit.toUpperCase()}`;
}

/** Ranges that are offered; what is typed may be any other. */
export const SIZES: readonly Pick<Filters, 'minSizeBytes' | 'maxSizeBytes'>[] = [
  { maxSizeBytes: MB },
  { minSizeBytes: MB, maxSizeBytes: 100 * MB },
  { minSizeBytes: 100 * MB },
];
export const AGES: readonly number[] = [7, 30, 365];

const GROUPS = ['kind', 'type', 'size', 'age'] as const;
type Group = (typeof GROUPS)[number];

function passesGroup(result: Result, filters: Filters, group: Group, nowMs: number): boolean {
  switch (group) {
    case 'kind':
      return filters.kind === undefined || filters.kind === result.kind;
    case 'type':
      return filters.fileKinds === undefined || filters.fileKinds.includes(result.fileKind);
    case 'size':
      return result.sizeBytes >= (filters.minSizeBytes ?? 0) && result.sizeBytes <= (filters.maxSizeBytes ?? Infinity);
    case 'age':
      // Days are counted as the node counts them: of what was shared today the age is 0.
      return (
        filters.maxAgeDays === undefined ||
        (result.sinceMs !== undefined &&
          Math.floor(nowMs / DAY_MS) - Math.floor(result.sinceMs / DAY_MS) <= filters.maxAgeDays)
      );
  }
}

export function passes(result: Result, filters: Filters, nowMs: number): boolean {
  return GROUPS.every((group) => passesGroup(result, filters, group, nowMs));
}

export interface FacetCounts {
  readonly kind: Readonly<Record<Way, number>>;
  readonly type: Readonly<Record<FileKind, number>>;
  /** In the order of SIZES and AGES; `any` is what passes all other groups. */
  readonly sizes: readonly number[];
  readonly anySize: number;
  readonly ages: readonly number[];
  readonly anyAge: number;
}

/** How many each box would show if it were chosen: what passes all groups but its own, and then it. */
export function countFacets(results: readonly Result[], filters: Filters, nowMs: number): FacetCounts {
  const kind: Record<Way, number> = { anonymous: 0, direct: 0 };
  const type = Object.fromEntries(FILE_KINDS.map((name) => [name, 0])) as Record<FileKind, number>;
  const sizes = SIZES.map(() => 0);
  const ages = AGES.map(() => 0);
  let anySize = 0;
  let anyAge = 0;
  for (const result of results) {
    const failed = GROUPS.filter((group) => !passesGroup(result, filters, group, nowMs));
    // What two groups refuse is in nobody's count.
    if (failed.length > 1) continue;
    const passesBut = (group: Group): boolean => failed.length === 0 || failed[0] === group;
    if (passesBut('kind')) kind[result.kind] += 1;
    if (passesBut('type')) type[result.fileKind] += 1;
    if (passesBut('size')) {
      anySize += 1;
      for (const [index, size] of SIZES.entries()) if (passesGroup(result, size, 'size', nowMs)) sizes[index]! += 1;
    }
    if (passesBut('age')) {
      anyAge += 1;
      for (const [index, maxAgeDays] of AGES.entries())
        if (passesGroup(result, { maxAgeDays }, 'age', nowMs)) ages[index]! += 1;
    }
  }
  return { kind, type, sizes, anySize, ages, anyAge };
}

/** Whether a search that asked with `asked` can have all that `wanted` lets through. */
export function isWithin(wanted: Filters, asked: Filters): boolean {
  const kinds = asked.fileKinds;
  return (
    (asked.kind === undefined || asked.kind === wanted.kind) &&
    (kinds === undefined || (wanted.fileKinds ?? FILE_KINDS).every((kind) => kinds.includes(kind))) &&
    (asked.minSizeBytes ?? 0) <= (wanted.minSizeBytes ?? 0) &&
    (asked.maxSizeBytes ?? Infinity) >= (wanted.maxSizeBytes ?? Infinity) &&
    (asked.maxAgeDays ?? Infinity) >= (wanted.maxAgeDays ?? Infinity)
  );
}
