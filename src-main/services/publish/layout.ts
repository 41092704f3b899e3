/** Which files travel inside of the manifest and which as blocks of their own: whatever takes fewer blocks. */
import { utf8Length } from '../../../shared/base/paths.ts';
import { blockCount, fileSegments, levelShapes } from '../../core/publish/block-list.ts';
import type { Segments } from '../../core/publish/block-list.ts';
import { DIGEST_BYTES, MANIFEST_SEAL_BYTES, MAX_INLINE_BYTES } from '../../core/publish/manifest.ts';
import { inlineCapacityBytes } from '../../core/publish/slot-payload.ts';
import { ADDRESS_BYTES, CONTENT_RECORD_BYTES, SLOT_RECORD_BYTES } from '../../core/wire/record.ts';
import type { SurveyResult, SurveyedFile } from '../survey/survey.ts';

/**
 * The manifest is fetched whole before the first page is shown; so much more makes it eight blocks longer. A guess. What
 * fits goes in, up to a whole block, because a block on its own has as many check blocks as n - k.
 */
const MAX_PACKED_BYTES = 256 * 1024;

export interface Layout {
  /** Paths of the files that stand in the manifest. */
  readonly inline: ReadonlySet<string>;
  /** Blocks of files that are not inline, check blocks and lists included. */
  readonly fileBlocks: number;
  /** Blocks of the manifest, as far as known before it is made; 0 when it fits in the slots. Never too few. */
  readonly manifestBlocks: number;
  /** Of files and manifest, alike ones together. */
  readonly segments: readonly Segments[];
}

export interface ManifestTexts {
  readonly title: string;
  readonly description: string;
  /** Bytes of what the manifest tells of earlier editions. */
  readonly historyBytes?: number;
}

/** `kept`: paths of files whose blocks are there already; they stay as they are and count no block. */
export function planLayout(
  surveyed: Pick<SurveyResult, 'files' | 'index'>,
  texts: ManifestTexts,
  { k, n }: { readonly k: number; readonly n: number },
  kept: ReadonlySet<string> = new Set(),
): Layout {
  const least = n - k;
  const base = baseBytes(surveyed, texts, least);
  const bySize = surveyed.files.filter(({ path }) => !kept.has(path)).toSorted((a, b) => a.sizeBytes - b.sizeBytes);
  const slotBudget = inlineCapacityBytes(n) - MANIFEST_SEAL_BYTES;
  const compact = fill(bySize, base, MAX_INLINE_BYTES, slotBudget, least);
  const packed = fill(bySize, base, MAX_INLINE_BYTES, Math.max(base, slotBudget) + MAX_PACKED_BYTES, least);
  const packedManifestBytes = packed.manifestBytes <= slotBudget ? 0 : packed.manifestBytes + MANIFEST_SEAL_BYTES;
  const packedManifestBlocks = packedManifestBytes === 0 ? 0 : blockCount(packedManifestBytes, least);
  const isCompact =
    compact.manifestBytes <= slotBudget && compact.fileBlocks <= packed.fileBlocks + packedManifestBlocks;
  const { inline, fileBlocks } = isCompact ? compact : packed;
  const blockedSizes = surveyed.files.filter(({ path }) => !inline.has(path)).map(({ sizeBytes }) => sizeBytes);
  if (!isCompact && packedManifestBytes > 0) blockedSizes.push(packedManifestBytes);
  return {
    inline,
    fileBlocks,
    manifestBlocks: isCompact ? 0 : packedManifestBlocks,
    segments: collect(blockedSizes.flatMap((sizeBytes) => fileSegments(sizeBytes, least))),
  };
}

/** What a publication takes on the network, one copy of each record. */
export function networkBytes(layout: Layout, n: number): number {
  return (layout.fileBlocks + layout.manifestBlocks) * CONTENT_RECORD_BYTES + n * SLOT_RECORD_BYTES;
}

/** Alike segments together: at most one entry for each number of data blocks, 128. */
function collect(segments: readonly Segments[]): Segments[] {
  const byData = new Map<number, Segments>();
  for (const { data, check, count } of segments) {
    byData.set(data, { data, check, count: count + (byData.get(data)?.count ?? 0) });
  }
  return [...byData.values()].toSorted((a, b) => b.data - a.data);
}

/** Takes the smallest files in until the budget is full. A file that is shorter than its block list always goes in. */
function fill(bySize: readonly SurveyedFile[], base: number, maxFileBytes: number, budgetBytes: number, least: number) {
  const inline = new Set<string>();
  let manifestBytes = base;
  let fileBlocks = 0;
  for (const { path, sizeBytes } of bySize) {
    const grown = manifestBytes - listBytes(sizeBytes, least) + sizeBytes;
    if (sizeBytes <= maxFileBytes && (grown <= budgetBytes || grown <= manifestBytes)) {
      inline.add(path);
      manifestBytes = grown;
    } else {
      fileBlocks += blockCount(sizeBytes, least);
    }
  }
  return { inline, manifestBytes, fileBlocks };
}

/** The manifest with no file inline, in bytes; integers are counted at their longest. */
function baseBytes(
  { files, index }: Pick<SurveyResult, 'files' | 'index'>,
  texts: ManifestTexts,
  least: number,
): number {
  const header =
    64 + (texts.historyBytes ?? 0) + utf8Length(texts.title) + utf8Length(texts.description) + utf8Length(index ?? '');
  return files.reduce(
    (sum, file) =>
      sum + 2 + utf8Length(file.path) + 2 + file.type.length + 8 + DIGEST_BYTES + 1 + listBytes(file.sizeBytes, least),
    header,
  );
}

/** A block list in the manifest, in bytes. An empty file has none. */
function listBytes(sizeBytes: number, least: number): number {
  if (sizeBytes === 0) return 0;
  return 5 + levelShapes(sizeBytes, least).at(-1)!.addresses * ADDRESS_BYTES;
}
