/** Checks a chunk that was loaded against its hash, and writes it at its place. */
import { writeSync } from 'node:fs';
import { bytesEqual } from '../../../shared/base/bytes.ts';
import type { Crypto } from '../../core/ports.ts';
import { chunkHash } from '../../core/transfer/tree.ts';
import type { Stored, StoreRequest } from './messages.ts';

export function storeChunk(crypto: Crypto, { bytes, hash, file, position }: StoreRequest): Stored {
  if (!bytesEqual(chunkHash(crypto, bytes), hash)) return { type: 'stored', outcome: 'bad' };
  try {
    // A write may take less than it was given.
    for (let written = 0; written < bytes.length;)
      written += writeSync(file, bytes, written, bytes.length - written, position + written);
  } catch (thrown) {
    const { code = 'EIO', message } = thrown as NodeJS.ErrnoException;
    return { type: 'unwritten', code, message };
  }
  return { type: 'stored', outcome: 'stored' };
}
