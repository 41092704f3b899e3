/** Content that is in memory, as blocks: pieces, check blocks and list blocks, in the order in which they are made. */
import type { Crypto, LinearCombiner } from '../ports.ts';
import { contentAddress } from '../wire/record.ts';
import { BlockListBuilder } from './block-list.ts';
import type { BlockList } from './block-list.ts';
import { PIECE_BYTES, pieceCount, sealPiece } from './piece.ts';
import { SegmentEncoder } from './segments.ts';

export interface SealedBlock {
  readonly address: Uint8Array;
  readonly payload: Uint8Array;
}

/** Seals 1 byte and more under a key that seals nothing else; returns the list. `least`: see segments.ts. */
export function* sealBytes(
  crypto: Crypto,
  combiner: LinearCombiner,
  key: Uint8Array,
  bytes: Uint8Array,
  least: number,
): Generator<SealedBlock, BlockList, void> {
  const builder = new BlockListBuilder(crypto, combiner, key, bytes.length, least);
  const encoder = new SegmentEncoder(combiner, pieceCount(bytes.length), least);
  for (let index = 0; index < pieceCount(bytes.length); index += 1) {
    const piece = sealPiece(crypto, key, index, bytes.subarray(index * PIECE_BYTES, (index + 1) * PIECE_BYTES));
    for (const payload of [piece, ...encoder.add(piece)]) {
      const address = contentAddress(crypto, payload);
      yield { address, payload };
      yield* builder.push(address);
    }
  }
  return builder.finish();
}
