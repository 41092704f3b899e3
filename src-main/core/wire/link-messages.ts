/**
 * Messages of the channel `link`.
 *
 *   hello       type = 1, version (1), network (16), target links (1)
 *   proof       type = 2, expires (4), signature (64): the sender is linked to the receiver until then
 *   neighbours  type = 3, gained: count, then each: contact (contact.ts), expires (4), signature (64): its proof for the
 *               sender; lost: count, then that many public keys (32)
 *
 * Expiry is in minutes since 1970-01-01 UTC, big-endian: wall-clock time, used for expiry only.
 */
import { u32Bytes } from '../../../shared/base/bytes.ts';
import type { Result } from '../../../shared/base/result.ts';
import { MAX_TOLD_NEIGHBOURS } from '../limits.ts';
import type { Crypto, KnownNode } from '../ports.ts';
import { decode, encode } from './codec.ts';
import type { Reader, WireErrorCode, Writer } from './codec.ts';
import { MAX_CONTACT_BYTES, readContact, writeContact } from './contact.ts';
import { KEY_BYTES, SIGNATURE_BYTES } from './record.ts';

export const PROTOCOL_VERSION = 1;
export const NETWORK_ID_BYTES = 16;
/** Longest entry of a telling. */
const TOLD_BYTES = MAX_CONTACT_BYTES + 4 + SIGNATURE_BYTES;

export interface Hello {
  readonly type: 'hello';
  readonly version: number;
  /** First 16 bytes of H("network", its name). */
  readonly network: Uint8Array;
  readonly targetLinks: number;
}

/** One end's word that a link stands. */
export interface LinkProof {
  /** Minutes since 1970-01-01 UTC. */
  readonly expiresMinutes: number;
  readonly signature: Uint8Array;
}

export interface ProofMessage extends LinkProof {
  readonly type: 'proof';
}

/** A neighbour of the sender, with that neighbour's own word for it. */
export interface ToldNeighbour extends LinkProof {
  readonly contact: KnownNode;
}

/** What changed among the sender's neighbours since it told last; all of them the first time. */
export interface NeighboursMessage {
  readonly type: 'neighbours';
  readonly gained: readonly ToldNeighbour[];
  /** Public keys. */
  readonly lost: readonly Uint8Array[];
}

export type LinkMessage = Hello | ProofMessage | NeighboursMessage;

export function encodeLinkMessage(message: LinkMessage): Uint8Array {
  // As long as a telling can be, so that it is written in one piece.
  const isTelling = message.type === 'neighbours';
  const capacity = isTelling ? 3 + message.gained.length * TOLD_BYTES + message.lost.length * KEY_BYTES : 80;
  return encode((writer) => {
    switch (message.type) {
      case 'hello':
        writer.u8(1).u8(message.version).fixed(message.network, NETWORK_ID_BYTES).u8(message.targetLinks);
        return;
      case 'proof':
        writeProof(writer.u8(2), message);
        return;
      case 'neighbours':
        writer.u8(3).list(message.gained, (list, told) => {
          writeContact(list, told.contact);
          writeProof(list, told);
        });
        writer.list(message.lost, (list, publicKey) => list.fixed(publicKey, KEY_BYTES));
    }
  }, capacity);
}

/** Byte fields of the result are copies. */
export function decodeLinkMessage(bytes: Uint8Array): Result<LinkMessage, WireErrorCode> {
  return decode<LinkMessage>(bytes, (reader) => {
    switch (reader.oneOf([1, 2, 3])) {
      case 1: {
        const version = reader.u8();
        return { type: 'hello', version, network: reader.fixed(NETWORK_ID_BYTES).slice(), targetLinks: reader.u8() };
      }
      case 2:
        return { type: 'proof', ...readProof(reader) };
      case 3: {
        const gained = reader.list(MAX_TOLD_NEIGHBOURS, (list) => ({ contact: readContact(list), ...readProof(list) }));
        const lost = reader.list(MAX_TOLD_NEIGHBOURS, (list) => list.fixed(KEY_BYTES).slice());
        return { type: 'neighbours', gained, lost };
      }
    }
  });
}

/** What an end signs: 32 bytes. */
export function linkDigest(
  crypto: Crypto,
  network: Uint8Array,
  signer: Uint8Array,
  other: Uint8Array,
  expiresMinutes: number,
): Uint8Array {
  return crypto.hash('link', network, signer, other, u32Bytes(expiresMinutes));
}

function writeProof(writer: Writer, proof: LinkProof): void {
  writer.u32(proof.expiresMinutes).fixed(proof.signature, SIGNATURE_BYTES);
}

function readProof(reader: Reader): LinkProof {
  return { expiresMinutes: reader.u32(), signature: reader.fixed(SIGNATURE_BYTES).slice() };
}
