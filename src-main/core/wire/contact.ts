/**
 * A node as it is told to others: whom to dial, and where if that is known.
 *
 *   public key (32), flag (1); with flag 1 IPv4 address (4), port (2, big-endian)
 *
 * The address is a hint that nobody has proved; the key is proved by the handshake of the link.
 */
import type { KnownNode } from '../ports.ts';
import type { Reader, Writer } from './codec.ts';
import { KEY_BYTES } from './record.ts';

const IPV4_PATTERN = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** With an address. */
export const MAX_CONTACT_BYTES = KEY_BYTES + 1 + 4 + 2;

/** How long a contact is when it is written. */
export function contactBytes(contact: KnownNode): number {
  return addressOf(contact) === undefined ? KEY_BYTES + 1 : MAX_CONTACT_BYTES;
}

/** A host that is not IPv4, or a port out of range, is left out. */
export function writeContact(writer: Writer, contact: KnownNode): void {
  writer.fixed(contact.publicKey, KEY_BYTES);
  const address = addressOf(contact);
  writer.bool(address !== undefined);
  if (address !== undefined) writer.fixed(address, 6);
}

export function readContact(reader: Reader): KnownNode {
  const publicKey = reader.fixed(KEY_BYTES).slice();
  if (!reader.bool()) return { publicKey };
  const host = reader.fixed(4).join('.');
  const port = reader.u8() * 256 + reader.u8();
  if (port === 0) reader.fail('unknown-value');
  return { publicKey, host, port };
}

/** IPv4 address and port as they are written. */
function addressOf({ host, port }: KnownNode): Uint8Array | undefined {
  const match = host === undefined ? null : IPV4_PATTERN.exec(host);
  if (match === null || port === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined;
  const bytes = match.slice(1).map(Number);
  return bytes.every((byte) => byte < 256) ? Uint8Array.of(...bytes, port >> 8, port & 255) : undefined;
}
