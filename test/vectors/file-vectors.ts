/** Golden vectors of shared files: docs/spec/search.md, "What is found". */
import { toHex } from '../../shared/base/bytes.ts';
import { formatFileLink } from '../../shared/base/file-links.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import { chunkBytesOf, FileTreeBuilder } from '../../src-main/core/transfer/tree.ts';

/** Around the borders of chunks and levels; the content is `counting`. */
const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_073, 262_144, 458_752];

export function fileVectors(crypto: Crypto, counting: (length: number) => Uint8Array): unknown {
  return SIZES.map((sizeBytes) => {
    const builder = new FileTreeBuilder(crypto, sizeBytes);
    builder.add(counting(sizeBytes));
    const { root, hashes } = builder.finish();
    return {
      content: { counting: sizeBytes },
      chunkBytes: chunkBytesOf(sizeBytes),
      hashes: Array.from({ length: hashes.length / 32 }, (_, index) => toHex(hashes.subarray(index * 32, index * 32 + 32))),
      root: toHex(root),
      link: formatFileLink({ root, name: 'tide tables.pdf', sizeBytes }),
    };
  });
}
