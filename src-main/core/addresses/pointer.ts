/**
 * What the slots of short addresses seal: where to go. 32,728 bytes, as all slots.
 *
 *   format              1           1
 *   link                67          link body (shared/base/links.ts)
 *   path                text        of one file, at most 1,024 bytes; empty for the publication itself
 *   note                text        at most 256 bytes without control characters; what the writer says of it
 *   padding             zeros to the end
 *
 * The sealed payload is a random nonce (24) and the ciphertext under a key that follows from the address, so that who
 * only hosts the slot cannot read it.
 */
import { decodeLinkBody, encodeLinkBody, LINK_BODY_BYTES } from '../../../shared/base/links.ts';
import type { PublicationLink } from '../../../shared/base/links.ts';
import { isPath, MAX_PATH_BYTES, utf8Length } from '../../../shared/base/paths.ts';
import { fail } from '../../../shared/base/result.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto } from '../ports.ts';
import { decode, Writer } from '../wire/codec.ts';
import type { WireErrorCode } from '../wire/codec.ts';
import { PAYLOAD_BYTES } from '../wire/record.ts';

export const NONCE_BYTES = 24;
const TAG_BYTES = 16;
const POINTER_BYTES = PAYLOAD_BYTES - NONCE_BYTES - TAG_BYTES;
const FORMAT = 1;
/** A line of text. */
export const MAX_NOTE_BYTES = 256;

export interface Pointer {
  readonly link: PublicationLink;
  /** '' for none. */
  readonly note: string;
}

/** On one line, and not to be taken for what is round it: no control characters and none that turn the direction of text. */
export function isNote(text: string): boolean {
  return (
    text.isWellFormed() &&
    utf8Length(text) <= MAX_NOTE_BYTES &&
    !/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(text)
  );
}

/** Throws RangeError for what no link or note can be. */
export function encodePointer({ link, note }: Pointer): Uint8Array {
  if ((link.path !== '' && !isPath(link.path)) || !isNote(note)) throw new RangeError('not a possible pointer');
  const writer = new Writer(POINTER_BYTES);
  writer.u8(FORMAT).fixed(encodeLinkBody(link), LINK_BODY_BYTES).text(link.path).text(note);
  return writer.zeros(POINTER_BYTES - writer.length).done();
}

export function decodePointer(bytes: Uint8Array): Result<Pointer, WireErrorCode> {
  return decode(bytes, (reader) => {
    if (bytes.length !== POINTER_BYTES) reader.fail(bytes.length > POINTER_BYTES ? 'trailing' : 'truncated');
    reader.oneOf([FORMAT]);
    const link = decodeLinkBody(reader.fixed(LINK_BODY_BYTES));
    if (!link.ok) return reader.fail('unknown-value');
    const path = reader.text(MAX_PATH_BYTES);
    const note = reader.text(MAX_NOTE_BYTES);
    if ((path !== '' && !isPath(path)) || !isNote(note)) reader.fail('not-canonical');
    reader.zeros(reader.remaining);
    return { link: { ...link.value, path }, note };
  });
}

/** PAYLOAD_BYTES: the nonce and what it seals. */
export function sealPointer(
  crypto: Crypto,
  pointer: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
  associated: Uint8Array,
): Uint8Array {
  const payload = new Uint8Array(PAYLOAD_BYTES);
  payload.set(nonce);
  payload.set(crypto.seal(pointer, nonce, key, associated), NONCE_BYTES);
  return payload;
}

export function openPointer(
  crypto: Crypto,
  payload: Uint8Array,
  key: Uint8Array,
  associated: Uint8Array,
): Result<Pointer, WireErrorCode | 'bad-seal'> {
  const plaintext = crypto.open(payload.subarray(NONCE_BYTES), payload.subarray(0, NONCE_BYTES), key, associated);
  return plaintext === undefined ? fail('bad-seal') : decodePointer(plaintext);
}
