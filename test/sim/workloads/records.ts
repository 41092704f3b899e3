/** Records for experiments: valid content blocks and slots, as many as are wanted, from a generator. */
import { contentAddress, encodeRecord, slotAddress, slotDigest } from '../../../src-main/core/wire/record.ts';
import { CLASS_UPDATABLE, KIND_CONTENT, KIND_SLOT, STATE_LIVE } from '../../../src-main/core/wire/record.ts';
import type { RecordKind } from '../../../src-main/core/wire/record.ts';
import type { KeyPair } from '../../../src-main/core/ports.ts';
import type { Network } from '../engine/network.ts';
import type { SimRandom } from '../engine/random.ts';

export interface MadeRecord {
  readonly address: Uint8Array;
  readonly record: Uint8Array;
  readonly kind: RecordKind;
}

/** Its address is uniform on the circle, as all addresses are. */
export function makeContent(network: Network, random: SimRandom): MadeRecord {
  const { payloadBytes } = network.parameters;
  const payload = random.bytes(payloadBytes);
  const record = encodeRecord({ kind: KIND_CONTENT, payload }, payloadBytes);
  return { address: contentAddress(network.crypto, payload), record, kind: KIND_CONTENT };
}

/** Who can sign editions of a slot. */
export interface SlotAuthor {
  readonly keyPair: KeyPair;
  readonly slotId: Uint8Array;
  readonly address: Uint8Array;
}

export function makeSlotAuthor(network: Network, random: SimRandom): SlotAuthor {
  const keyPair = network.crypto.keyPairFromSeed(random.bytes(32));
  const slotId = random.bytes(32);
  return { keyPair, slotId, address: slotAddress(network.crypto, CLASS_UPDATABLE, keyPair.publicKey, slotId) };
}

/** Edition `counter` (1 ...) of an updatable slot. */
export function makeSlot(network: Network, random: SimRandom, author: SlotAuthor, counter: number): MadeRecord {
  const { payloadBytes } = network.parameters;
  const unsigned = {
    class: CLASS_UPDATABLE,
    state: STATE_LIVE,
    publicKey: author.keyPair.publicKey,
    slotId: author.slotId,
    version: { counter, tie: random.bytes(8) },
    payload: random.bytes(payloadBytes),
  } as const;
  const signature = network.crypto.sign(slotDigest(network.crypto, unsigned), author.keyPair.secretKey);
  const record = encodeRecord({ ...unsigned, kind: KIND_SLOT, signature }, payloadBytes);
  return { address: author.address, record, kind: KIND_SLOT };
}
