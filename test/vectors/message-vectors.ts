/** Golden vectors of the channels `link` and `route`: docs/spec/routing.md. */
import { toHex } from '../../shared/base/bytes.ts';
import { encodeLinkMessage, linkDigest } from '../../src-main/core/wire/link-messages.ts';
import type { LinkMessage } from '../../src-main/core/wire/link-messages.ts';
import { encodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../src-main/core/wire/messages.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';

const crypto = createSodiumCrypto();
export const counting = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

const id = counting(16, 0x10);
/** Not a record that verifies, only bytes: a message does not look into it. Nor does it look into keys and signatures. */
const record = counting(8, 0xa0);
const stamp = counting(8, 0xe0);
const offer = { publicKey: counting(32, 0xc0), host: '198.51.100.7', port: 49_737 };
const unplaced = { publicKey: counting(32, 0xd0) };

export const MESSAGES: readonly RouteMessage[] = [
  { type: 'request', id, kind: 1, priority: 1, htl: 18, address: counting(32, 0x40) },
  { type: 'request', id, kind: 2, priority: 0, htl: 1, address: counting(32, 0x40), best: counting(14, 0x80) },
  { type: 'insert', id, priority: 1, htl: 10, stamp, record },
  { type: 'replicate', id, stamp, record },
  { type: 'found', age: 0, id, hops: 0, record },
  { type: 'found', age: 0, id, hops: 36, offer, record },
  { type: 'stored', id, hops: 5, copies: 4 },
  { type: 'stored', id, hops: 5, copies: 4, offer: unplaced },
  { type: 'accepted', id },
  { type: 'notFound', id, htl: 0 },
  { type: 'loop', id, htl: 7 },
  { type: 'overload', id, htl: 8 },
  { type: 'noRoute', id, htl: 9 },
  { type: 'full', id, htl: 10 },
  { type: 'underpaid', id, bits: 12 },
  { type: 'stemRequest', id, kind: 2, priority: 0, address: counting(32, 0x40) },
  { type: 'stemInsert', id, priority: 1, stamp, record },
  { type: 'seek', id, htl: 10, place: counting(8, 0x60) },
  { type: 'sought', id, contacts: [offer, unplaced] },
  { type: 'check', id, addresses: [counting(32, 0x40), counting(32, 0x41)] },
  { type: 'checked', id, proofs: [counting(16, 0x50), new Uint8Array(16)] },
];

const network = counting(16, 0x20);
/** Minutes since 1970: the first of 2030. */
const expiresMinutes = 31_556_160;
const signature = counting(64, 0x30);

export const LINK_MESSAGES: readonly LinkMessage[] = [
  { type: 'hello', version: 1, network, targetLinks: 16 },
  { type: 'proof', expiresMinutes, signature },
  {
    type: 'neighbours',
    gained: [
      { contact: offer, expiresMinutes, signature },
      { contact: unplaced, expiresMinutes: 1, signature },
    ],
    lost: [counting(32, 0x70)],
  },
];

/** Bytes as hexadecimal, however deep they lie. */
export function printable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(printable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, printable(field)]));
}

export function messageVectors(): unknown {
  const signer = crypto.keyPairFromSeed(counting(32, 0x70));
  const other = counting(32, 0xb0);
  const digest = linkDigest(crypto, network, signer.publicKey, other, expiresMinutes);
  return printable({
    messages: MESSAGES.map((message) => ({ ...message, bytes: encodeRouteMessage(message) })),
    link: LINK_MESSAGES.map((message) => ({ ...message, bytes: encodeLinkMessage(message) })),
    proof: {
      network,
      seed: counting(32, 0x70),
      signer: signer.publicKey,
      other,
      expiresMinutes,
      digest,
      signature: crypto.sign(digest, signer.secretKey),
    },
  });
}
