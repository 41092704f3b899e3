/** Boxes of the ISO base media file format (ISO 14496-12): HEIF, AVIF, MP4 and QuickTime are made of them. */
import { damaged } from './findings.ts';

export interface Box {
  readonly type: string;
  /** Of its content in the file. */
  readonly start: number;
  readonly end: number;
}

/** Boxes of one level. A guess: films in pieces have some ten thousand. */
const MAX_BOXES = 100_000;

/** The boxes between two offsets. */
export function boxesOf(bytes: Uint8Array, start: number, end: number): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const boxes: Box[] = [];
  for (let at = start; at + 8 <= end;) {
    let size = view.getUint32(at);
    let head = 8;
    if (size === 1 && at + 16 <= end) {
      size = Number(view.getBigUint64(at + 8));
      head = 16;
    } else if (size === 0) size = end - at;
    if (size < head || at + size > end || boxes.length >= MAX_BOXES) throw damaged(`box of ${size} bytes at ${at}`);
    const type = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    boxes.push({ type, start: at + head, end: at + size });
    at += size;
  }
  return boxes;
}
