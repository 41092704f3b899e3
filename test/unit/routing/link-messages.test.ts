/** The codec of the channel `link`: canonical, strict, and never a throw; and what the end of a link signs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesEqual, fromHex, toHex } from '../../../shared/base/bytes.ts';
import { MAX_TOLD_NEIGHBOURS } from '../../../src-main/core/limits.ts';
import { decodeLinkMessage, encodeLinkMessage, linkDigest } from '../../../src-main/core/wire/link-messages.ts';
import type { LinkMessage } from '../../../src-main/core/wire/link-messages.ts';
import { crypto } from '../../support/mesh.ts';
import { linkMessage, linkMessages } from '../../support/wire-arbitraries.ts';
import { LINK_MESSAGES } from '../../vectors/message-vectors.ts';

const told = {
  contact: { publicKey: new Uint8Array(32).fill(3), host: '198.51.100.7', port: 49_737 },
  expiresMinutes: 31_556_160,
  signature: new Uint8Array(64).fill(8),
};

function refused(bytes: Uint8Array | readonly number[], code: string): void {
  assert.deepEqual(decodeLinkMessage(Uint8Array.from(bytes)), { ok: false, code });
}

for (const [type, arbitrary] of Object.entries(linkMessages)) {
  test(`${type} comes back as it was; every prefix and every trailing byte is refused`, () => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<LinkMessage>, fc.integer({ min: 0, max: 255 }), (sent, extra) => {
        const bytes = encodeLinkMessage(sent);
        assert.deepEqual(decodeLinkMessage(bytes), { ok: true, value: sent });
        for (let length = 0; length < bytes.length; length += 1) refused(bytes.subarray(0, length), 'truncated');
        refused([...bytes, extra], 'trailing');
      }),
      { numRuns: 20 },
    );
  });
}

test('whatever decodes encodes to the same bytes, and nothing throws', () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ maxLength: 120, size: 'max' }), (type, rest) => {
      const bytes = Uint8Array.of(type, ...rest);
      const decoded = decodeLinkMessage(bytes);
      if (!decoded.ok) return;
      accepted += 1;
      assert.ok(bytesEqual(encodeLinkMessage(decoded.value), bytes));
    }),
    { numRuns: 20_000, seed: 1 },
  );
  assert.ok(accepted > 10);
  fc.assert(
    fc.property(linkMessage, fc.nat(), fc.integer({ min: 1, max: 255 }), (sent, position, flip) => {
      const bytes = encodeLinkMessage(sent);
      bytes[position % bytes.length]! ^= flip;
      const decoded = decodeLinkMessage(bytes);
      if (decoded.ok) assert.ok(bytesEqual(encodeLinkMessage(decoded.value), bytes));
    }),
  );
});

test('unknown types, flags and port 0 are refused', () => {
  const bytes = encodeLinkMessage({ type: 'neighbours', gained: [told], lost: [] });
  for (const type of [0, 4, 255]) refused([type, ...bytes.subarray(1)], 'unknown-value');
  const flagged = bytes.slice();
  flagged[2 + 32] = 2;
  refused(flagged, 'unknown-value');
  const portless = bytes.slice();
  portless.fill(0, 2 + 37, 2 + 39);
  refused(portless, 'unknown-value');
});

test('at most forty neighbours are told of as gained and as lost, and their counts are written in one way', () => {
  const gained = Array.from({ length: MAX_TOLD_NEIGHBOURS + 1 }, () => told);
  const lost = gained.map(() => new Uint8Array(32).fill(6));
  const most = { type: 'neighbours', gained: gained.slice(1), lost: lost.slice(1) } as const;
  const bytes = encodeLinkMessage(most);
  assert.equal(bytes.length, 5_563, 'docs/LIMITS.md says so');
  assert.deepEqual(decodeLinkMessage(bytes), { ok: true, value: most });
  refused(encodeLinkMessage({ ...most, gained }), 'too-long');
  refused(encodeLinkMessage({ ...most, lost }), 'too-long');
  refused([bytes[0]!, 0x80 | MAX_TOLD_NEIGHBOURS, 0, ...bytes.subarray(2)], 'non-minimal');
});

test('the digest of a link is of its network, its ends in their order and its expiry', () => {
  const [network, one, two] = [new Uint8Array(16).fill(1), new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)];
  const digests = [
    linkDigest(crypto, network, one, two, 5),
    linkDigest(crypto, network, two, one, 5),
    linkDigest(crypto, new Uint8Array(16), one, two, 5),
    linkDigest(crypto, network, one, two, 6),
    linkDigest(crypto, network, one, two, 5 + 2 ** 24),
  ];
  assert.equal(new Set(digests.map(toHex)).size, digests.length);
});

test('the messages of the vectors decode to what stands beside them; the signature of the proof is of its digest', () => {
  const { link, proof } = JSON.parse(readFileSync(new URL('../../vectors/messages.json', import.meta.url), 'utf8'));
  assert.deepEqual(
    LINK_MESSAGES.map(({ type }) => type),
    Object.keys(linkMessages),
  );
  for (const [index, { bytes }] of link.entries())
    assert.deepEqual(decodeLinkMessage(fromHex(bytes)!), { ok: true, value: LINK_MESSAGES[index] });
  const [network, signer, other, signature] = [proof.network, proof.signer, proof.other, proof.signature].map(
    (hex: string) => fromHex(hex)!,
  ) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const digest = linkDigest(crypto, network, signer, other, proof.expiresMinutes);
  assert.equal(toHex(digest), proof.digest);
  assert.ok(crypto.verify(signature, digest, signer));
});
