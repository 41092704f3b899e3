/** The history of a manifest: editions before it, and the author seed that was given up for the one of now. */
import { toHex } from '../../shared/base/bytes.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import { sealPredecessor } from '../../src-main/core/publish/history.ts';
import { encodeManifest, plaintextDigest } from '../../src-main/core/publish/manifest.ts';
import type { Manifest } from '../../src-main/core/publish/manifest.ts';
import { movedCounter } from '../../src-main/core/publish/slot.ts';

export function historyVectors(crypto: Crypto, authorSeed: Uint8Array, olderSeed: Uint8Array): unknown {
  const bytes = new TextEncoder().encode('Broadside, 3\n');
  const predecessor = sealPredecessor(crypto, authorSeed, olderSeed, 1);
  const earlier = [
    { attempt: 1, title: 'Flugblatt, zweite Auflage', dateMs: 1_780_000_000_000, sizeBytes: 40_010 },
    { attempt: 0, title: 'Flugblatt', dateMs: undefined, sizeBytes: 10 },
  ];
  const manifest: Manifest = {
    shape: 'file',
    edition: 3,
    title: 'Flugblatt',
    description: '',
    language: '',
    dateMs: undefined,
    index: undefined,
    files: [
      {
        path: 'page.txt',
        type: 'text/plain',
        sizeBytes: bytes.length,
        digest: plaintextDigest(crypto, bytes),
        content: { kind: 'inline', bytes },
      },
    ],
    history: { earlier, predecessors: [predecessor] },
  };
  return {
    authorSeed: toHex(authorSeed),
    olderSeed: toHex(olderSeed),
    lastEdition: predecessor.lastEdition,
    sealedSeed: toHex(predecessor.sealedSeed),
    earlier,
    edition: manifest.edition,
    manifest: toHex(encodeManifest(manifest)),
    movedCounters: [
      [2, 0],
      [3, 1],
      [0xffff_ffff, 255],
    ].map(([edition, attempt]) => ({ edition, attempt, counter: movedCounter(edition!, attempt!) })),
  };
}
