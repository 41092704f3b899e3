/** All blocks of a publication, segment by segment: those of its files, of their lists, and of its manifest. */
import { levelShapes } from '../../core/publish/block-list.ts';
import { SEGMENT_BLOCKS } from '../../core/publish/reed-solomon.ts';
import { segmentAt } from '../../core/publish/segments.ts';
import type { Segment } from '../../core/publish/segments.ts';
import type { BlockReader } from '../read/block-reader.ts';
import type { FetchOptions } from '../read/block-fetcher.ts';
import type { BlockedContent } from '../read/segment-reader.ts';

export interface WalkedSegment extends Segment {
  readonly content: BlockedContent;
  readonly reader: BlockReader;
  readonly level: number;
  /** Its number on its level. */
  readonly number: number;
}

export interface WalkedContent {
  readonly content: BlockedContent;
  readonly reader: BlockReader;
}

/** The lists before what they list: without a list nothing below it is found. */
export function* segmentsOf(contents: Iterable<WalkedContent>): Generator<WalkedSegment, void, void> {
  for (const { content, reader } of contents) {
    const { least, sizeBytes } = content.list;
    const shapes = levelShapes(sizeBytes, least);
    for (let level = shapes.length - 1; level >= 0; level -= 1) {
      const { blocks } = shapes[level]!;
      for (let number = 0; number * SEGMENT_BLOCKS < blocks; number += 1) {
        yield { ...segmentAt(blocks, number, least), content, reader, level, number };
      }
    }
  }
}

/** Of all blocks of the segment, the data first. */
export function addressesOf(segment: WalkedSegment, options: FetchOptions): Promise<Uint8Array[]> {
  const { content, reader, level, first, data, check } = segment;
  return Promise.all(
    Array.from({ length: data + check }, (_, at) => reader.lists.addressOf(content, level, first + at, options)),
  );
}
