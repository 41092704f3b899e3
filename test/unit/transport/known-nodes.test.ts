import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import fc from 'fast-check';

import { KnownNodesFile } from '../../../src-main/transport/hyperswarm/known-nodes-file.ts';
import {
  KnownNodes,
  MAX_KNOWN_NODES,
  MAX_NODES_OF_PREFIX,
  MAX_UNPROVED_NODES,
  publicPrefix,
} from '../../../src-main/transport/hyperswarm/known-nodes.ts';

function key(number: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}

function hex(number: number): string {
  return Buffer.from(key(number)).toString('hex');
}

function create(clock = { nowMs: 1_000_000 }): KnownNodes {
  return new KnownNodes({ ownKeyHex: hex(0), now: () => clock.nowMs, random: () => 0.5 });
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

  it('keeps few of one public prefix, any number of a private one', () => {
    const known = create();
    for (let number = 1; number <= 20; number += 1)
      known.linked({ publicKey: key(number), host: `203.0.113.${number}`, port: 1 });
    assert.equal(known.size, MAX_NODES_OF_PREFIX);
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

describe('file of known nodes', () => {
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
