/** Golden vectors of short addresses: words and their bags, places and a claim, a pen name's slot, an exported pen name. */
import { toHex } from '../../shared/base/bytes.ts';
import { decodeLinkBody } from '../../shared/base/links.ts';
import { formatAddress, formatPenKey } from '../../shared/base/short-addresses.ts';
import { normalisePenEntry, normaliseWords } from '../../shared/base/words.ts';
import { claimPlaces, draftClaim, makeClaim } from '../../src-main/core/addresses/claim.ts';
import { makePenSlot, penKeyPair, penPlaces } from '../../src-main/core/addresses/pen.ts';
import { encodePenFile } from '../../src-main/core/addresses/pen-file.ts';
import { encodePointer } from '../../src-main/core/addresses/pointer.ts';
import type { Crypto } from '../../src-main/core/ports.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';

const counting = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, index) => (index + from) & 0xff);

const TEXTS = ['Tide TABLES norfolk', 'Über Straße', 'ΟΔΌΣ', '한국어 뉴스', 'が か', 'हिन्दी', 'don’t ½'];
const ENTRIES = ['Tide Tables', 'Café_1.0', 'ΟΔΌΣ'];
/** Of which counters and checksums are no part. */
const HEAD_BYTES = 145;
const BITS = 10;

const bagOf = (text: string): readonly string[] => {
  const words = normaliseWords(text);
  if (!words.ok) throw new Error(words.code);
  return words.value;
};

/** Updatable, 3 of 5; the keys are no keys. */
const linkBody = Uint8Array.of(0x11, 3, 5, ...counting(64, 32));

/** The word key is given, for Argon2id has vectors of its own. */
export function addressVectors(crypto: Crypto): object {
  const link = decodeLinkBody(linkBody);
  if (!link.ok) throw new Error(link.code);
  const pointer = { link: { ...link.value, path: 'a b/ü.html' }, note: 'as printed' };
  const plaintext = encodePointer(pointer);
  const short = (bytes: Uint8Array): object => ({
    length: bytes.length,
    head: toHex(bytes.subarray(0, HEAD_BYTES)),
    digest: toHex(crypto.hash('vector', bytes)),
  });

  const wordKey = counting(32);
  const places = claimPlaces(crypto, wordKey, 230);
  const claimSeed = counting(32, 64);
  const draft = draftClaim(crypto, places[0]!, crypto.keyPairFromSeed(claimSeed), pointer, counting(24, 1));
  const stamp = findStamp(crypto, draft.digest, BITS);

  const penSeed = counting(32, 96);
  const pen = penKeyPair(crypto, penSeed);
  const address = { kind: 'pen', key: pen.publicKey, name: 'tide-tables' } as const;
  const slots = penPlaces(crypto, address)!;
  const version = { counter: 3, tie: counting(8, 80) };
  const random = { bytes: (length: number) => counting(length, 2), below: () => 0 };

  const salt = counting(16, 16);
  const cost = { passes: 3, memoryKib: 262_144 };
  const nonce = counting(24, 3);
  const secret = { seed: penSeed, name: 'Harbour', entries: [{ name: 'tide-tables', edition: 3 }] };
  return {
    words: TEXTS.map((text) => ({ text, words: bagOf(text), address: formatAddress({ kind: 'word', words: bagOf(text) }) })),
    penEntries: ENTRIES.map((text) => ({ text, name: normalisePenEntry(text) })),
    pointer: { linkBody: toHex(linkBody), path: pointer.link.path, note: pointer.note, plaintext: toHex(plaintext).replace(/(?:00)+$/, '') },
    claim: {
      ...{ wordKey: toHex(wordKey), quarter: 230 },
      places: places.map(({ slotId, address: place, payloadKey }) => ({
        ...{ slotId: toHex(slotId), address: toHex(place), payloadKey: toHex(payloadKey) },
      })),
      ...{ claimSeed: toHex(claimSeed), nonce: toHex(counting(24, 1)), workDigest: toHex(draft.digest) },
      ...{ stamp: toHex(stamp), record: short(makeClaim(crypto, draft, stamp)) },
    },
    pen: {
      ...{ seed: toHex(penSeed), publicKey: toHex(pen.publicKey), key: formatPenKey(pen.publicKey) },
      ...{ name: address.name, address: formatAddress(address) },
      slots: slots.map((slot) => ({ address: toHex(slot.address), payloadKey: toHex(slot.payloadKey) })),
      ...{ counter: version.counter, tie: toHex(version.tie), nonce: toHex(counting(24, 2)) },
      record: short(makePenSlot(crypto, random, pen.secretKey, slots[0]!, version, pointer)),
    },
    penFile: {
      ...{ salt: toHex(salt), cost, nonce: toHex(nonce), key: toHex(counting(32, 128)), entries: secret.entries },
      file: toHex(encodePenFile(crypto, secret, counting(32, 128), { salt, cost, nonce })),
    },
  };
}
