/**
 * Names in the sense of Publius: each ties one share to the content.
 *
 *   name_i         first 16 bytes of H("name", H("manifest", M), share_i)
 *   names digest   first 16 bytes of H("names", name_1 ... name_n in one piece); the link holds it
 *
 * 16 bytes: what must not be found is a second content for a given link, 2^128 work. The digest of M and not M itself
 * stands in the name, so that a large manifest is hashed once and not n times.
 */
import { bytesEqual, concatBytes } from '../../../shared/base/bytes.ts';
import { NAMES_DIGEST_BYTES } from '../../../shared/base/links.ts';
import type { Crypto } from '../ports.ts';

export const NAME_BYTES = 16;

export function manifestDigest(crypto: Crypto, manifest: Uint8Array): Uint8Array {
  return crypto.hash('manifest', manifest);
}

/** `digest` is manifestDigest's. */
export function shareName(crypto: Crypto, digest: Uint8Array, share: Uint8Array): Uint8Array {
  return crypto.hash('name', digest, share).slice(0, NAME_BYTES);
}

/** `names` in order of index, all n. */
export function namesDigest(crypto: Crypto, names: readonly Uint8Array[]): Uint8Array {
  return crypto.hash('names', concatBytes(...names)).slice(0, NAMES_DIGEST_BYTES);
}

/** Indices of the shares that are not those that were published with this manifest: each share used is to be checked. */
export function badShares(
  crypto: Crypto,
  manifest: Uint8Array,
  names: readonly Uint8Array[],
  shares: readonly { readonly index: number; readonly share: Uint8Array }[],
): number[] {
  const digest = manifestDigest(crypto, manifest);
  return shares
    .filter(({ index, share }) => !bytesEqual(shareName(crypto, digest, share), names[index - 1] ?? new Uint8Array()))
    .map(({ index }) => index);
}
