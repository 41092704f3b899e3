/** Byte ranges (RFC 9110, section 14): a single range; a request for several is answered with the whole, as allowed. */

export type RangeAnswer =
  | { readonly kind: 'whole' }
  /** Bytes start ... end-1. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

export function readRange(header: string | undefined, sizeBytes: number): RangeAnswer {
  if (header === undefined) return { kind: 'whole' };
  // Fifteen digits stay exact in a double and pass every size there can be.
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return { kind: 'whole' };
  if (match[1] === '') {
    const length = Number(match[2]);
    if (length === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'part', start: Math.max(0, sizeBytes - length), end: sizeBytes };
  }
  const start = Number(match[1]);
  const last = match[2] === '' ? Number.POSITIVE_INFINITY : Number(match[2]);
  if (last < start) return { kind: 'whole' };
  if (start >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end: Math.min(last + 1, sizeBytes) };
}

/** The rest of a file, as a body with Content-Range (RFC 9110, section 14.5): up to its last byte, or it is wrong. */
export function readContentRange(
  header: string | undefined,
  contentLength: string | undefined,
): { readonly from: number; readonly sizeBytes: number } | 'wrong' | undefined {
  if (header === undefined) return undefined;
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(header);
  if (match === null) return 'wrong';
  const [from, last, sizeBytes] = match.slice(1).map(Number) as [number, number, number];
  const isRest = from <= last && last === sizeBytes - 1 && String(sizeBytes - from) === contentLength;
  return isRest ? { from, sizeBytes } : 'wrong';
}
