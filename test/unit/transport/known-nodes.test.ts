import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { isHostIPv4, isIPv4, prefixOf, publicPrefix } from '../../../shared/base/ipv4.ts';
import { KnownNodesFile } from '../../../src-main/transport/hyperswarm/known-nodes-file.ts';
import {
  KnownNodes,
  MAX_KNOWN_NODES,
  MAX_NODES_OF_PREFIX,
  MAX_UNPROVED_NODES,
} from '../../../src-main/transport/hyperswarm/known-nodes.ts';
import { rememberNodes } from '../../../src-main/transport/hyperswarm/remember-nodes.ts';
import { seededRandom } from '../../support/seeded-random.ts';

function key(number: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function hex(number: number): string {
  return Buffer.from(key(number)).toString('hex');
}

function create(clock = { nowMs: 1_000_000 }): KnownNodes {
  return new KnownNodes({ ownKeyHex: hex(0), network: 'test', now: () => clock.nowMs, random: () => 0.5 });
}

const nobody = (): boolean => false;

describe('known nodes', () => {
  it('does not know itself', () => {
    const known = create();
    known.heardOf({ publicKey: key(0) });
    known.load({ nodes: [{ publicKey: hex(0) }] });
    assert.equal(known.size, 0);
  });

  it('stays within its bounds, and what was only heard of never displaces what answered', () => {
    const known = create();
    for (let number = 1; number <= MAX_KNOWN_NODES; number += 1)
      known.linked({ publicKey: key(number), host: '10.0.0.1', port: 1 });
    for (let number = 5_000; number < 7_000; number += 1) known.heardOf({ publicKey: key(number) });
    assert.equal(known.size, MAX_KNOWN_NODES);
    assert.notEqual(known.get(hex(1)), undefined);
    const fresh = create();
    for (let number = 5_000; number < 7_000; number += 1) fresh.heardOf({ publicKey: key(number) });
    assert.equal(fresh.size, MAX_UNPROVED_NODES);
  });

  it('is acquainted with whom an invite named, and who was linked long ago, over restarts', () => {
    const clock = { nowMs: 1_000_000 };
    const known = create(clock);
    known.invited({ publicKey: key(1) });
    known.linked({ publicKey: key(2) });
    known.heardOf({ publicKey: key(3) });
    const acquainted = (of: KnownNodes): number[] =>
      [1, 2, 3, 4].filter((number) => of.isAcquainted(hex(number), 60_000));
    assert.deepEqual(acquainted(known), [1]);
    clock.nowMs += 60_000;
    known.linked({ publicKey: key(2) });
    known.linked({ publicKey: key(3) });
    assert.deepEqual(acquainted(known), [1, 2]);
    const again = create(clock);
    again.load(JSON.parse(JSON.stringify(known)));
    assert.deepEqual(acquainted(again), [1, 2]);
  });

  it('keeps few of one public prefix, any number of a private one', () => {
    const known = create();
    for (let number = 1; number <= 20; number += 1)
      known.linked({ publicKey: key(number), host: `203.0.113.${number}`, port: 1 });
    assert.equal(known.size, MAX_NODES_OF_PREFIX);
    // Nor do many come to be of one prefix after they were taken in.
    for (let number = 60; number < 80; number += 1) {
      known.heardOf({ publicKey: key(number), host: `198.51.${number}.1`, port: 1 });
      known.heardOf({ publicKey: key(number), host: `192.0.2.${number}`, port: 1 });
    }
    assert.equal(known.size, 2 * MAX_NODES_OF_PREFIX);
    for (let number = 60; number < 80; number += 1) known.forget(hex(number));
    for (let number = 30; number < 50; number += 1)
      known.linked({ publicKey: key(number), host: '127.0.0.1', port: number });
    assert.equal(known.size, MAX_NODES_OF_PREFIX + 20);
    assert.equal(publicPrefix('192.168.1.2'), undefined);
    assert.equal(publicPrefix('8.8.4.4'), '8.8.4');
    assert.equal(publicPrefix('8.8.4.400'), undefined);
  });

  it('waits longer after each failure, and forgets one that never answered', () => {
    const clock = { nowMs: 1_000 };
    const known = create(clock);
    known.linked({ publicKey: key(1) });
    known.heardOf({ publicKey: key(2) });
    let waitedMs = 0;
    for (let failures = 0; failures < 5; failures += 1) {
      known.failed(hex(1));
      known.failed(hex(2));
      assert.equal(known.pick(nobody), undefined);
      const before = clock.nowMs;
      while (known.pick((keyHex) => keyHex === hex(2)) === undefined && clock.nowMs < 1e6) clock.nowMs += 100;
      assert.ok(clock.nowMs - before >= waitedMs * 1.9);
      waitedMs = clock.nowMs - before;
    }
    assert.equal(known.get(hex(2)), undefined);
    assert.notEqual(known.get(hex(1)), undefined);
  });

  it('is not stopped by a clock that was set back', () => {
    const clock = { nowMs: 1e12 };
    const known = create(clock);
    known.linked({ publicKey: key(1) });
    known.failed(hex(1));
    clock.nowMs = 1e9;
    assert.notEqual(known.pick(nobody), undefined);
  });

  it('keeps an address that works against hearsay', () => {
    const known = create();
    known.linked({ publicKey: key(1), host: '10.0.0.1', port: 5 });
    known.heardOf({ publicKey: key(1), host: '10.9.9.9', port: 6 });
    assert.equal(known.get(hex(1))!.host, '10.0.0.1');
    known.failed(hex(1));
    known.heardOf({ publicKey: key(1), host: '10.9.9.9', port: 6 });
    assert.equal(known.get(hex(1))!.host, '10.9.9.9');
  });

  it('of nodes that may be dialled takes rather those that failed least and answered last', () => {
    const clock = { nowMs: 1_000 };
    const random = seededRandom(7);
    const known = new KnownNodes({
      ownKeyHex: hex(0),
      network: 'test',
      now: () => clock.nowMs,
      random: () => random.below(2 ** 32) / 2 ** 32,
    });
    const gone = new Set<string>();
    for (let number = 1; number <= 100; number += 1) {
      clock.nowMs += 1_000;
      known.linked({ publicKey: key(number), host: `10.0.0.${number}`, port: 1 });
      // The older half has gone.
      if (number <= 50) gone.add(hex(number));
    }
    const picked = Array.from({ length: 400 }, () => known.pick(nobody)!.keyHex);
    const there = picked.filter((keyHex) => !gone.has(keyHex)).length;
    assert.ok(there > 400 * 0.8, `${there} of 400`);
    // But the choice is never the same few.
    assert.ok(new Set(picked).size > 50, `${new Set(picked).size} different ones`);
  });

  it('keeps what an invite named above what it heard of, over a restart, and however often it fails', () => {
    const known = create();
    known.invited({ publicKey: key(1), host: '198.51.100.1', port: 5 });
    known.invited({ publicKey: key(0), host: '198.51.100.2', port: 5 });
    for (let number = 5_000; number < 7_000; number += 1) known.heardOf({ publicKey: key(number) });
    for (let failures = 0; failures < 20; failures += 1) known.failed(hex(1));
    assert.equal(known.size, MAX_UNPROVED_NODES);
    assert.deepEqual(known.proved(), []);
    const again = create();
    again.load(JSON.parse(JSON.stringify(known)));
    assert.equal(again.size, 1);
    assert.deepEqual(again.pick(nobody), { keyHex: hex(1), publicKey: key(1), host: '198.51.100.1', port: 5 });
    // Named again, it is dialled at once.
    known.invited({ publicKey: key(1) });
    assert.equal(known.pick((keyHex) => keyHex !== hex(1))!.keyHex, hex(1));
  });

  it('names first those that it reached itself and that were there last', () => {
    const clock = { nowMs: 1_000 };
    const known = create(clock);
    const link = (number: number, wasDialled: boolean): void => {
      clock.nowMs += 1_000;
      known.linked({ publicKey: key(number), host: `198.51.${number}.1`, port: number }, wasDialled);
    };
    link(1, true);
    link(2, true);
    link(3, false);
    known.linked({ publicKey: key(4) });
    known.heardOf({ publicKey: key(5), host: '198.51.100.5', port: 5 });
    known.failed(hex(2));
    clock.nowMs += 1_000;
    known.seen(hex(1));
    assert.deepEqual(
      known.proved().map(({ port }) => port),
      [1, 2, 3],
    );
    // At another address than the one that was reached it has to be reached anew.
    known.linked({ publicKey: key(1), host: '198.51.1.1', port: 9 }, false);
    assert.deepEqual(
      known.proved().map(({ port }) => port),
      [2, 9, 3],
    );
  });

  it('forgets the nodes of another network, but not the ways into the DHT', () => {
    const known = create();
    known.linked({ publicKey: key(1), host: '10.0.0.1', port: 5 });
    known.dhtNodes = [{ host: '10.0.0.9', port: 7 }];
    const saved = { ...JSON.parse(JSON.stringify(known)), network: 'another' };
    const other = create();
    other.load(saved);
    assert.deepEqual([other.size, other.dhtNodes.length], [0, 1]);
  });

  it('comes back from its own words, and takes anything else without throwing', () => {
    const known = create();
    known.linked({ publicKey: key(1), host: '10.0.0.1', port: 5 });
    known.heardOf({ publicKey: key(2) });
    known.dhtNodes = [{ host: '10.0.0.9', port: 7 }];
    const again = create();
    again.load(JSON.parse(JSON.stringify(known)));
    assert.equal(again.size, 1);
    assert.deepEqual(again.get(hex(1)), { publicKey: key(1), host: '10.0.0.1', port: 5 });
    assert.deepEqual(again.dhtNodes, [{ host: '10.0.0.9', port: 7 }]);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (nodes, dhtNodes) => {
        const other = create();
        other.load({ nodes, dhtNodes });
        other.load(nodes);
        other.load({
          nodes: [{ publicKey: hex(4), host: nodes, port: dhtNodes }],
          dhtNodes: [{ host: nodes, port: 1 }],
        });
      }),
    );
  });
});

describe('addresses', () => {
  it('are taken strictly, and know their /24', () => {
    for (const host of [
      '1.2.3',
      '1.2.3.4.5',
      '01.2.3.4',
      '1.2.3.256',
      '1.2.3.',
      ' 1.2.3.4',
      '1.2.3.4 ',
      '::1',
      '١.2.3.4',
    ])
      assert.equal(isIPv4(host), false, host);
    for (const host of ['0.1.2.3', '224.0.0.1', '255.255.255.255']) {
      assert.equal(isIPv4(host), true);
      assert.equal(isHostIPv4(host), false, host);
    }
    assert.equal(isHostIPv4('223.255.255.255'), true);
    assert.equal(prefixOf('127.0.0.1'), '127.0.0');
    for (const host of [
      '10.1.2.3',
      '127.0.0.1',
      '172.16.0.1',
      '172.31.9.9',
      '192.168.1.2',
      '169.254.1.1',
      'x',
      undefined,
    ])
      assert.equal(publicPrefix(host), undefined, host);
    for (const host of ['172.15.0.1', '172.32.0.1', '192.167.1.2', '169.253.1.1', '11.0.0.1'])
      assert.equal(publicPrefix(host), prefixOf(host), host);
  });
});

describe('file of known nodes', () => {
  it('takes in the nodes of an invite while no node runs, and keeps what else there is', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'broadside-known-'));
    try {
      const path = join(directory, 'nodes.json');
      const node = { publicKey: key(1), host: '10.0.0.1', port: 5 };
      await rememberNodes(path, 'test', [node]);
      const known = create();
      known.load(JSON.parse(await readFile(path, 'utf8')));
      assert.deepEqual(known.get(hex(1)), node);
      known.linked({ publicKey: key(2), host: '10.0.0.2', port: 6 });
      await writeFile(path, JSON.stringify({ port: 4_321, ...known.toJSON() }));
      await rememberNodes(path, 'test', [{ ...node, publicKey: key(3) }]);
      const saved = JSON.parse(await readFile(path, 'utf8'));
      assert.deepEqual([saved.port, saved.nodes.length], [4_321, 3]);
      await assert.rejects(rememberNodes(join(directory, 'missing', 'nodes.json'), 'test', [node]));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('is written whole, readable by its owner only, and a broken one counts as none', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'broadside-known-'));
    try {
      const path = join(directory, 'nodes.json');
      const file = new KnownNodesFile(path, () => ({ port: 5 }));
      assert.equal(await file.load(), undefined);
      await Promise.all([file.flush(), file.flush()]);
      assert.deepEqual(JSON.parse(await readFile(path, 'utf8')), { port: 5 });
      if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
      assert.deepEqual(await readdir(directory), ['nodes.json']);
      await writeFile(path, '{"port": ');
      assert.equal(await file.load(), undefined);
      const nowhere = new KnownNodesFile(join(directory, 'missing', 'nodes.json'), () => ({}));
      await nowhere.flush();
      assert.equal(await nowhere.load(), undefined);
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
