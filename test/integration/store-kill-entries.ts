/** Records that follow from their number, so that two processes agree on them. */
import type { Crypto, StoreEntry } from '../../src-main/core/ports.ts';
import { CONTENT_RECORD_BYTES } from '../../src-main/core/wire/record.ts';

export function numberedEntry(crypto: Crypto, number: number): StoreEntry {
  const record = new Uint8Array(CONTENT_RECORD_BYTES);
  record.set(crypto.hash('test record', new TextEncoder().encode(String(number))));
  for (let length = 32; length < record.length; length *= 2) record.copyWithin(length, 0, length);
  return { address: crypto.hash('content', record), record, kind: 'content', place: 'store' };
}
