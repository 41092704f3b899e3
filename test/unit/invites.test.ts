/** The text of invites (shared/base/invites.ts), and what nodes are put into them (services/invites). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeBase32, encodeBase32 } from '../../shared/base/base32.ts';
import {
  explainInviteProblem,
  formatInvite,
  INVITE_PREFIX,
  MAX_INVITE_TEXT,
  parseInvite,
} from '../../shared/base/invites.ts';
import type { Invite, InviteNode, InviteProblem } from '../../shared/base/invites.ts';
import { explainLinkProblem, parseLink } from '../../shared/base/links.ts';
import type { KnownNode } from '../../src-main/core/ports.ts';
import { Invites, readInvite } from '../../src-main/services/invites/invites.ts';
import type { InviteSource } from '../../src-main/services/invites/invites.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';

const crypto = createSodiumCrypto();

const nodes = fc.uniqueArray(
  fc.record(
    {
      publicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      host: fc
        .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.nat(255))
        .map((numbers) => numbers.join('.')),
      port: fc.integer({ min: 1, max: 65_535 }),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 8, selector: ({ publicKey }) => publicKey.join() },
);
const invites: fc.Arbitrary<Invite> = fc.record(
  {
    network: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/),
    bootstrap: fc.uniqueArray(
      fc
        .tuple(fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/), fc.integer({ min: 1, max: 65_535 }))
        .map(([host, port]) => `${host}:${port}`),
      { maxLength: 4 },
    ),
    nodes,
  },
  { noNullPrototype: true },
);

function key(number: number): Uint8Array {
  return new Uint8Array(32).fill(number);
}

function node(number: number, host = `192.0.${number}.1`): InviteNode {
  return { publicKey: key(number), host, port: 4_000 + number };
}

const EXAMPLE: Invite = {
  network: 'practice-1a2b',
  bootstrap: ['127.0.0.1:49737', 'dht.example.org:1'],
  nodes: [node(1), node(2), node(3)],
};

/** A text whose checksum fits whatever its bytes say. */
function sealed(body: Uint8Array): string {
  return INVITE_PREFIX + encodeBase32(Uint8Array.of(...body, ...crypto.hash('invite', body).subarray(0, 4)));
}

function bodyOf(text: string): Uint8Array {
  return decodeBase32(text.slice(INVITE_PREFIX.length))!.slice(0, -4);
}

function problemOf(text: string): InviteProblem | undefined {
  const parsed = parseInvite(text);
  return parsed.ok ? undefined : parsed.code;
}

describe('the text of invites', () => {
  it('says what it was given, in one text', () => {
    fc.assert(
      fc.property(invites, (invite) => {
        const text = formatInvite(invite);
        assert.ok(text.length <= 1_046);
        const parsed = parseInvite(text);
        assert.deepEqual(parsed, { ok: true, value: invite });
      }),
    );
  });

  it('is refused with any byte changed, any letter gone, anything added', () => {
    const bytes = decodeBase32(formatInvite(EXAMPLE).slice(INVITE_PREFIX.length))!;
    for (let index = 0; index < bytes.length; index += 1) {
      for (const change of [1, 0x80, 0xff]) {
        const changed = bytes.slice();
        changed[index]! ^= change;
        assert.equal(problemOf(INVITE_PREFIX + encodeBase32(changed)), 'mistyped', `byte ${index}`);
      }
    }
    const text = formatInvite(EXAMPLE);
    for (let length = INVITE_PREFIX.length; length < text.length; length += 1)
      assert.notEqual(problemOf(text.slice(0, length)), undefined);
    for (const more of ['a', 'aa', 'aaaaaaaa', '/path']) assert.notEqual(problemOf(text + more), undefined);
  });

  it('is refused by its content where the checksum fits', () => {
    const body = bodyOf(formatInvite(EXAMPLE));
    for (let index = 0; index < body.length; index += 1) {
      const changed = body.slice();
      changed[index]! ^= 0x80;
      const parsed = parseInvite(sealed(changed));
      // Another key, another address or port can be; then it is the one text of what it says.
      if (parsed.ok) assert.equal(formatInvite(parsed.value), sealed(changed));
    }
    assert.equal(problemOf(sealed(Uint8Array.of(...body, 0))), 'impossible');
    assert.equal(problemOf(sealed(body.slice(0, -1))), 'impossible');
    assert.equal(problemOf(sealed(Uint8Array.of(0x11, ...body.slice(1)))), 'impossible');
    assert.equal(problemOf(sealed(Uint8Array.of(0x00, ...body.slice(1)))), 'impossible');
    assert.equal(problemOf(sealed(Uint8Array.of(0x20, 1, 2, 3))), 'newer-format');
    assert.equal(problemOf(sealed(new Uint8Array())), 'mistyped');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const parsed = parseInvite(sealed(Uint8Array.of(0x10, ...bytes)));
        if (parsed.ok) assert.equal(formatInvite(parsed.value), sealed(Uint8Array.of(0x10, ...bytes)));
      }),
    );
  });

  it('cannot be made of what no invite can hold', () => {
    const wrong: Invite[] = [
      { ...EXAMPLE, network: '' },
      { ...EXAMPLE, network: 'Big' },
      { ...EXAMPLE, network: 'a'.repeat(65) },
      { ...EXAMPLE, nodes: [] },
      { ...EXAMPLE, nodes: Array.from({ length: 9 }, (_, number) => node(number + 1)) },
      { ...EXAMPLE, nodes: [node(1), node(1, '10.0.0.1')] },
      { ...EXAMPLE, nodes: [{ ...node(1), publicKey: new Uint8Array(31) }] },
      ...[0, 65_536, 1.5].map((port) => ({ ...EXAMPLE, nodes: [{ ...node(1), port }] })),
      ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '1.2.3', '1.2.3.256', '01.2.3.4', 'localhost', '::1'].map(
        (host) => ({ ...EXAMPLE, nodes: [node(1, host)] }),
      ),
      ...['a', 'a:0', 'a:65536', 'a:01', ':1', '-a:1', 'a b:1', 'A:1', `${'a'.repeat(65)}:1`].map((address) => ({
        ...EXAMPLE,
        bootstrap: [address],
      })),
      { ...EXAMPLE, bootstrap: ['a:1', 'a:1'] },
      { ...EXAMPLE, bootstrap: ['a:1', 'a:2', 'a:3', 'a:4', 'a:5'] },
    ];
    for (const invite of wrong) assert.throws(() => formatInvite(invite), RangeError, JSON.stringify(invite));
  });

  it('survives capitals, line breaks and invisible characters, and says what is wrong otherwise', () => {
    const text = formatInvite(EXAMPLE);
    assert.ok(parseInvite(text.toUpperCase()).ok);
    assert.ok(parseInvite(`  ${text.replace(/.{40}/g, '$&\r\n\u200b')}\n`).ok);
    const cases: [string, InviteProblem][] = [
      ['', 'not-an-invite'],
      ['broadside:cebqlg', 'not-an-invite'],
      ['https://example.org/', 'not-an-invite'],
      [INVITE_PREFIX, 'empty'],
      [`${INVITE_PREFIX}abc1`, 'bad-letter'],
      [`${INVITE_PREFIX}abcd`, 'mistyped'],
      ['b'.repeat(MAX_INVITE_TEXT + 1), 'too-long'],
    ];
    for (const [wrong, problem] of cases) assert.equal(problemOf(wrong), problem, wrong.slice(0, 40));
    for (const problem of ['impossible', 'newer-format', ...cases.map(([, code]) => code)] as InviteProblem[]) {
      assert.match(explainInviteProblem(problem), /^[A-Z][^\n]+\.$/);
    }
    assert.throws(() => readInvite('x'), { code: 'bad-link' });
    assert.throws(() => readInvite(sealed(Uint8Array.of(0x20, 1))), { code: 'not-in-version' });
  });

  it('is no link to a publication, and is told apart from one', () => {
    const text = formatInvite(EXAMPLE);
    assert.deepEqual(parseLink(text), { ok: false, code: 'invite' });
    assert.match(explainLinkProblem('invite', text), /invite/);
  });
});

describe('what is put into an invite, and taken out', () => {
  function create(over: Partial<InviteSource>, met: KnownNode[] = []): Invites {
    return new Invites({
      network: 'practice-x',
      bootstrap: [],
      publicKey: key(9),
      ownAddress: () => ({ host: '198.51.100.9', port: 9 }),
      provedNodes: () => [],
      meet: (known) => met.push(known),
      ...over,
    });
  }

  function nodesOf(made: Invites): string[] {
    return readInvite(made.make()).nodes.map(({ host }) => host);
  }

  it('this node first, then the surest of different prefixes, five in all', () => {
    const proved = [
      node(1, '198.51.100.1'), // this node's own prefix
      node(2, '192.0.2.1'),
      node(3, '192.0.2.2'), // the same again
      { publicKey: key(4) }, // no address
      node(5, '0.0.0.0'),
      { ...node(6, '192.0.6.1'), port: 0 },
      node(9, '192.0.9.1'), // this node itself
      ...[10, 11, 12, 13].map((number) => node(number)),
    ];
    const hosts = ['198.51.100.9', '192.0.2.1', '192.0.10.1', '192.0.11.1', '192.0.12.1'];
    assert.deepEqual(nodesOf(create({ provedNodes: () => proved })), hosts);
  });

  it('any number of one machine or house, where all nodes are of one prefix', () => {
    const proved = [1, 2, 3].map((number) => node(number, '127.0.0.1'));
    assert.equal(
      nodesOf(create({ provedNodes: () => proved, ownAddress: () => ({ host: '127.0.0.1', port: 1 }) })).length,
      4,
    );
  });

  it('without its own address while that is not known, and none without any', () => {
    for (const ownAddress of [() => undefined, () => ({ host: '0.0.0.0', port: 5 })]) {
      assert.deepEqual(nodesOf(create({ ownAddress, provedNodes: () => [node(1)] })), ['192.0.1.1']);
      assert.throws(() => create({ ownAddress }).make(), { code: 'offline' });
    }
  });

  it('the network’s own bootstraps, as far as an invite can carry them', () => {
    const bootstrap = ['127.0.0.1:5', 'DHT.example:6', 'dht.example:6', 'grüße.example:7', 'a:1', 'b:1', 'c:1'];
    assert.deepEqual(readInvite(create({ bootstrap }).make()).bootstrap, [
      '127.0.0.1:5',
      'dht.example:6',
      'a:1',
      'b:1',
    ]);
  });

  it('takes in nodes of this network, but not itself, and refuses another’s', () => {
    const met: KnownNode[] = [];
    const text = formatInvite({ ...EXAMPLE, network: 'practice-x', nodes: [node(1), node(9), node(2)] });
    assert.equal(create({}, met).join(text), 2);
    assert.deepEqual(met, [node(1), node(2)]);
    assert.throws(() => create({}, met).join(formatInvite(EXAMPLE)), {
      code: 'usage',
      message: /practice-1a2b.*practice-x/,
    });
    assert.equal(met.length, 2);
  });
});
