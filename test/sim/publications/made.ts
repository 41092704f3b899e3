/** Publications and files as sets of records, placed as core/publish places them, with the small payloads of the simulator. */
import { PIECE_BYTES } from '../../../src-main/core/publish/piece.ts';
import { SEGMENT_BLOCKS } from '../../../src-main/core/publish/reed-solomon.ts';
import { segmentAt } from '../../../src-main/core/publish/segments.ts';
import { slotPlaces } from '../../../src-main/core/publish/slot.ts';
import {
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_SLOT,
  slotDigest,
  STATE_LIVE,
} from '../../../src-main/core/wire/record.ts';
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';
import { makeContent } from '../workloads/records.ts';
import type { MadeRecord } from '../workloads/records.ts';

/** A thing of which so many records have to be found, in each of its parts: one part for the shares, one for each segment. */
export interface Made {
  readonly parts: readonly Part[];
}

export interface Part {
  readonly needed: number;
  readonly records: readonly MadeRecord[];
}

/** The n slots of a publication: the search for slot ids is the production one, so one lies in each n-th of the circle. */
export function makePublication(network: Network, random: SimRandom, k: number, n: number): Made {
  const { crypto, parameters } = network;
  const author = crypto.keyPairFromSeed(random.bytes(32));
  const source = { class: CLASS_UPDATABLE, n, documentKey: author.publicKey, readSecret: random.bytes(16) } as const;
  const places = slotPlaces(crypto, source);
  if (places === undefined) throw new Error('the document key is no key');
  const tie = random.bytes(8);
  const records = places.map(({ publicKey, slotId, tweak, address }): MadeRecord => {
    const unsigned = {
      class: CLASS_UPDATABLE,
      state: STATE_LIVE,
      publicKey,
      slotId,
      version: { counter: 1, tie },
      payload: random.bytes(parameters.payloadBytes),
    } as const;
    const signature = crypto.signBlinded(slotDigest(crypto, unsigned), author.secretKey, tweak);
    const record = encodeRecord({ ...unsigned, kind: KIND_SLOT, signature }, parameters.payloadBytes);
    return { address, record, kind: KIND_SLOT };
  });
  return { parts: [{ needed: k, records }] };
}

/** Data and check blocks of the segments of a file of so many bytes, in a publication where n - k shares may be lost. */
export function segmentsOf(sizeBytes: number, least: number): { readonly data: number; readonly check: number }[] {
  const blocks = Math.ceil(sizeBytes / PIECE_BYTES);
  return Array.from({ length: Math.ceil(blocks / SEGMENT_BLOCKS) }, (_, index) => segmentAt(blocks, index, least));
}

/** The blocks of such a file. What is in them does not matter for finding them, so none is computed. */
export function makeFile(network: Network, random: SimRandom, sizeBytes: number, least: number): Made {
  const parts = segmentsOf(sizeBytes, least).map(({ data, check }) => ({
    needed: data,
    records: Array.from({ length: data + check }, () => makeContent(network, random)),
  }));
  return { parts };
}

export function isReadable(made: Made, isThere: (record: MadeRecord) => boolean): boolean {
  return made.parts.every(({ needed, records }) => records.filter(isThere).length >= needed);
}
