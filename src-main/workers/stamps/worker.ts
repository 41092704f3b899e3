/** The thread of stamper.ts: finds the stamps of a batch, one after the other. */
import { parentPort } from 'node:worker_threads';
import { STAMP_BYTES } from '../../core/wire/messages.ts';
import { ADDRESS_BYTES } from '../../core/wire/record.ts';
import type { StampBatch, StampedBatch } from './messages.ts';
import { createStampSearch } from './search.ts';

const search = createStampSearch();

parentPort!.on('message', ({ task, addresses, bits }: StampBatch) => {
  const stamps = new Uint8Array(bits.length * STAMP_BYTES);
  for (const [index, wanted] of bits.entries()) {
    const address = addresses.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES);
    stamps.set(search(address, wanted), index * STAMP_BYTES);
  }
  const answer: StampedBatch = { task, stamps };
  parentPort!.postMessage(answer, [stamps.buffer]);
});
