/** What somebody who has the link of a publication, but not its password, can make of one of its slots. */
import assert from 'node:assert/strict';
import type { Crypto, Random } from '../../src-main/core/ports.ts';
import {
  CLASS_CONTESTED,
  CLASS_DELETE_ONLY,
  CLASS_FIXED,
  CLASS_UPDATABLE,
  encodeRecord,
  KIND_SLOT,
  MAX_COUNTER,
  slotDigest,
  STATE_TOMBSTONE,
  verifyRecord,
} from '../../src-main/core/wire/record.ts';
import type { SlotRecord } from '../../src-main/core/wire/record.ts';
import { supersede } from './publication-builder.ts';
import type { BuiltPublication } from './publication-builder.ts';

type Unsigned = Omit<SlotRecord, 'signature' | 'kind'>;

/** None of them is a record of that address; each has another fault, or claims to be of another class. */
export function forgeries(crypto: Crypto, random: Random, built: BuiltPublication, position: number): Uint8Array[] {
  const record = slotRecord(crypto, built.slots[position]!);
  const other = slotRecord(crypto, built.slots[(position + 1) % built.slots.length]!);
  const later = { counter: 9, tie: record.version.tie };
  const last = { counter: MAX_COUNTER, tie: new Uint8Array(8).fill(255) };
  const own = crypto.keyPairFromSeed(random.bytes(32));
  const signed = (forged: Unsigned): Uint8Array =>
    encodeRecord({ kind: KIND_SLOT, ...forged, signature: crypto.sign(slotDigest(crypto, forged), own.secretKey) });
  const classes = [CLASS_UPDATABLE, CLASS_DELETE_ONLY, CLASS_FIXED, CLASS_CONTESTED] as const;
  return [
    // The old payload under a later version, under the last there is; a tombstone; the payload of its neighbour.
    encodeRecord({ ...record, version: later }),
    encodeRecord({ ...record, version: last }),
    encodeRecord({ ...record, state: STATE_TOMBSTONE, version: later }),
    encodeRecord({ ...record, payload: other.payload, signature: other.signature }),
    // Signed by the forger, in the author's name, and in its own.
    signed({ ...record, version: later }),
    signed({ ...record, version: last, publicKey: own.publicKey }),
    // Made as an author makes them, with a key of the forger's blinded as the author's is.
    supersede(crypto, random, { ...built, keys: own }, { kind: 'deleted' }, 9)[position]!,
    // The author's own record, said to be of another class.
    ...classes.filter((each) => each !== record.class).map((each) => encodeRecord({ ...record, class: each })),
    // The class that is anybody's, with the author's slot id and the forger's key.
    signed({ ...record, class: CLASS_CONTESTED, publicKey: own.publicKey, version: later }),
  ];
}

function slotRecord(crypto: Crypto, bytes: Uint8Array): SlotRecord {
  const verified = verifyRecord(crypto, bytes, undefined);
  assert.ok(verified.ok && verified.value.record.kind === KIND_SLOT);
  return verified.value.record;
}
