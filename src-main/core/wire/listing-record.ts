/**
 * A listing of a publication, or its removal: what its publisher signed with the document key, so that anybody can pass it on.
 *
 *   listing      format = 1, publication (search-entries.ts), made (4), signature (64)
 *   removal      format = 2, document key (32), made (4), signature (64)
 *
 * `made` is in minutes since 1970-01-01 UTC, big-endian: a removal ends the listings that were made before it. What is signed is
 * H("listing", all before the signature), H("listing removal", document key, made). Until when a listing stands is not in it: whoever
 * keeps the publication may renew it, and has no key.
 */
import { u32Bytes } from '../../../shared/base/bytes.ts';
import type { Result } from '../../../shared/base/result.ts';
import type { Crypto, KeyPair } from '../ports.ts';
import type { PublicationEntry } from '../search/entry.ts';
import { decode, encode } from './codec.ts';
import type { WireErrorCode } from './codec.ts';
import { KEY_BYTES, SIGNATURE_BYTES } from './record.ts';
import { readPublication, writePublication } from './search-entries.ts';

const LISTING = 1;
const REMOVAL = 2;

export type ListingRecord =
  | { readonly kind: 'listing'; readonly entry: PublicationEntry; readonly madeMinutes: number }
  | { readonly kind: 'removal'; readonly documentKey: Uint8Array; readonly madeMinutes: number };

/** Longest listing, in bytes: title and sixteen keywords at their bounds. */
export const MAX_LISTING_BYTES = 1_536;

/** `documentKeys`: the pair that the publication's document key is the public half of. */
export function signListing(
  crypto: Crypto,
  documentKeys: KeyPair,
  entry: PublicationEntry,
  madeMinutes: number,
): Uint8Array {
  const body = encode((writer) => {
    writePublication(writer.u8(LISTING), entry);
    writer.u32(madeMinutes);
  });
  return signed(body, crypto.sign(crypto.hash('listing', body), documentKeys.secretKey));
}

export function signListingRemoval(crypto: Crypto, documentKeys: KeyPair, madeMinutes: number): Uint8Array {
  const body = encode((writer) => writer.u8(REMOVAL).fixed(documentKeys.publicKey, KEY_BYTES).u32(madeMinutes));
  const digest = crypto.hash('listing removal', documentKeys.publicKey, u32Bytes(madeMinutes));
  return signed(body, crypto.sign(digest, documentKeys.secretKey));
}

/** Whether its publisher signed it is for `verifyListingRecord`. */
export function decodeListingRecord(bytes: Uint8Array): Result<ListingRecord, WireErrorCode> {
  return decode<ListingRecord>(bytes, (reader) => {
    if (bytes.length > MAX_LISTING_BYTES) reader.fail('too-long');
    const isListing = reader.oneOf([LISTING, REMOVAL]) === LISTING;
    const entry = isListing ? readPublication(reader) : undefined;
    const documentKey = entry?.documentKey ?? reader.fixed(KEY_BYTES).slice();
    const madeMinutes = reader.u32();
    reader.fixed(SIGNATURE_BYTES);
    return entry === undefined
      ? { kind: 'removal', documentKey, madeMinutes }
      : { kind: 'listing', entry, madeMinutes };
  });
}

/** What the bytes say, if they are whole and their publisher signed them. */
export function verifyListingRecord(crypto: Crypto, bytes: Uint8Array): ListingRecord | undefined {
  const decoded = decodeListingRecord(bytes);
  if (!decoded.ok) return undefined;
  const record = decoded.value;
  const body = bytes.subarray(0, -SIGNATURE_BYTES);
  const signature = bytes.subarray(-SIGNATURE_BYTES);
  const isListing = record.kind === 'listing';
  const documentKey = isListing ? record.entry.documentKey : record.documentKey;
  const digest = isListing
    ? crypto.hash('listing', body)
    : crypto.hash('listing removal', documentKey, u32Bytes(record.madeMinutes));
  return crypto.verify(signature, digest, documentKey) ? record : undefined;
}

function signed(body: Uint8Array, signature: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(body.length + signature.length);
  bytes.set(body);
  bytes.set(signature, body.length);
  return bytes;
}
