/**
 * A hub's own word that it is one.
 *
 *   contact (contact.ts), made (4), leaves (uint), room (uint), signature (64)
 *
 * `made` is in seconds since 1970-01-01 UTC, big-endian: of two records of one hub the later one counts, and none after an hour. The
 * signature is of the hub's node key, over H("hub", network (16), contact as it is written, made (4), leaves (4), room (4)).
 */
import { u32Bytes } from '../../../shared/base/bytes.ts';
import { MAX_HUB_ROOM } from '../limits.ts';
import type { Crypto, KeyPair, KnownNode } from '../ports.ts';
import { encode } from './codec.ts';
import type { Reader, Writer } from './codec.ts';
import { MAX_CONTACT_BYTES, readContact, writeContact } from './contact.ts';
import { SIGNATURE_BYTES } from './record.ts';

export interface HubRecord {
  readonly contact: KnownNode;
  readonly madeSeconds: number;
  /** Leaves that it has, and how many more it would take. */
  readonly leaves: number;
  readonly room: number;
  readonly signature: Uint8Array;
}

type Unsigned = Omit<HubRecord, 'signature'>;

export function writeHubRecord(writer: Writer, record: HubRecord): void {
  writeContact(writer, record.contact);
  writer.u32(record.madeSeconds).uint(record.leaves).uint(record.room).fixed(record.signature, SIGNATURE_BYTES);
}

export function readHubRecord(reader: Reader): HubRecord {
  return {
    contact: readContact(reader),
    madeSeconds: reader.u32(),
    leaves: reader.uint(MAX_HUB_ROOM),
    room: reader.uint(MAX_HUB_ROOM),
    signature: reader.fixed(SIGNATURE_BYTES).slice(),
  };
}

export function signHubRecord(crypto: Crypto, network: Uint8Array, keyPair: KeyPair, record: Unsigned): HubRecord {
  return { ...record, signature: crypto.sign(digest(crypto, network, record), keyPair.secretKey) };
}

export function verifyHubRecord(crypto: Crypto, network: Uint8Array, record: HubRecord): boolean {
  return crypto.verify(record.signature, digest(crypto, network, record), record.contact.publicKey);
}

function digest(crypto: Crypto, network: Uint8Array, record: Unsigned): Uint8Array {
  const contact = encode((writer) => writeContact(writer, record.contact), MAX_CONTACT_BYTES);
  const { madeSeconds, leaves, room } = record;
  return crypto.hash('hub', network, contact, u32Bytes(madeSeconds), u32Bytes(leaves), u32Bytes(room));
}
