/** What readers decrypt: whoever knows a link could have made it, and a publisher may be hostile. */
import fc from 'fast-check';
import { decodePenFileHead, encodePenFile } from '../../src-main/core/addresses/pen-file.ts';
import { decodePointer, encodePointer } from '../../src-main/core/addresses/pointer.ts';
import { DEFAULT_KDF_BOUNDS } from '../../src-main/core/publish/author.ts';
import { decodeManifest, encodeManifest } from '../../src-main/core/publish/manifest.ts';
import { decodeSlotPayload, encodeSlotPayload } from '../../src-main/core/publish/slot-payload.ts';
import { decodeLinkBody, encodeLinkBody } from '../../shared/base/links.ts';
import { counting, crypto } from '../vectors/vectors.ts';
import { anyManifest, samplePayload, samplePublication } from '../unit/publish/samples.ts';
import { strict } from './target.ts';
import type { Target } from './target.ts';

const SEED = 1;
const { link } = samplePublication();

function penFile(): Uint8Array {
  const secret = { seed: counting(32), name: 'Harbour', entries: [{ name: 'tides', edition: 3 }] };
  const cost = { passes: 3, memoryKib: 65_536 };
  return encodePenFile(crypto, secret, counting(32), { salt: counting(16), cost, nonce: counting(24) });
}

export const PUBLICATION_TARGETS: readonly Target[] = [
  {
    ...strict(
      'manifest',
      () => fc.sample(anyManifest, { seed: SEED, numRuns: 40 }).map(encodeManifest),
      decodeManifest,
      encodeManifest,
      ({ shape, files }) => `${shape} ${Math.min(files.length, 4)}`,
    ),
    // Some have tens of KiB.
    share: 0.1,
  },
  {
    ...strict(
      'slot payload',
      () =>
        ([1, 2, 3] as const).map((slotClass) =>
          encodeSlotPayload(samplePayload(samplePublication(3, 5, slotClass), 2)),
        ),
      decodeSlotPayload,
      encodeSlotPayload,
      ({ body }) => body.kind,
    ),
    // Each has 32 KiB.
    share: 0.2,
  },
  {
    ...strict(
      'pointer',
      () => ['', 'a/b.html'].map((path) => encodePointer({ link: { ...link, path }, note: 'tides' })),
      decodePointer,
      encodePointer,
    ),
    share: 0.2,
  },
  strict(
    'link body',
    () => [encodeLinkBody(link)],
    decodeLinkBody,
    (value) => encodeLinkBody(value),
  ),
  strict(
    'pen file',
    () => [penFile()],
    (input) => decodePenFileHead(input, DEFAULT_KDF_BOUNDS),
    undefined,
  ),
];
