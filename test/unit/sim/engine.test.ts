/** The simulated network: the same seed gives the same run, and lines are as they were asked for. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import { HARD_PENDING_BYTES, SOFT_PENDING_BYTES, WRITABLE_PENDING_BYTES } from '../../../src-main/transport/limits.ts';
import type { Conditions } from '../../sim/engine/conditions.ts';
import { CLOSED, DOOMED } from '../../sim/engine/links.ts';
import { Network } from '../../sim/engine/network.ts';
import { SimRandom } from '../../sim/engine/random.ts';
import type { SimNode } from '../../sim/engine/sim-node.ts';
import { build } from '../../sim/engine/topology.ts';
import { makeContent, makeSlot, makeSlotAuthor } from '../../sim/workloads/records.ts';
import { insertAll, requestAll } from '../../sim/workloads/spread.ts';

/** A network of 20 in which some things were stored and asked for. */
function smallRun(seed: number): Network {
  const network = new Network({ seed, nodes: 20 });
  build(network, 'placed');
  const random = network.newRandom(10);
  const items = Array.from({ length: 20 }, () => makeContent(network, random));
  const stored = insertAll({ network, random, perSecond: 10 }, items);
  assert.ok(stored.every(({ result }) => result.ok));
  const got = requestAll({ network, random, perSecond: 10 }, items);
  assert.ok(got.every(({ result }) => result.ok));
  return network;
}

test('the same seed gives the same run to the byte, another seed another', () => {
  const [once, again, other] = [smallRun(1), smallRun(1), smallRun(2)];
  assert.equal(again.trace.digest(), once.trace.digest());
  assert.equal(again.events, once.events);
  assert.notEqual(other.trace.digest(), once.trace.digest());
});

/** Two linked nodes on lines of these conditions; what arrives at the second is noted. */
function pair(
  conditions: Partial<Conditions>,
  nodes = 2,
): {
  network: Network;
  a: SimNode;
  b: SimNode;
  end: number;
  arrived: { atMs: number; bytes: Uint8Array }[];
} {
  const network = new Network({ seed: 3, nodes, conditions: { natShare: 0, ...conditions } });
  network.canDial = false;
  const [a, b] = network.nodes as [SimNode, SimNode];
  network.start(a);
  network.start(b);
  assert.ok(network.wires.connect(a, b));
  network.runFor(5_000);
  const arrived: { atMs: number; bytes: Uint8Array }[] = [];
  network.observe({
    onDelivered: (atMs, _from, to, channel, bytes) => {
      if (to === 1 && channel === 'search') arrived.push({ atMs, bytes });
    },
  });
  return { network, a, b, end: a.ends.get(1)!, arrived };
}

const QUIET = { jitter: 0, loss: 0 } as const;

test('a message takes the delay between its ends, and its time on the uplink', () => {
  const { network, a, b, end, arrived } = pair({
    ...QUIET,
    latencyMinMs: 40,
    latencyMaxMs: 40,
    upMinBytesPerSecond: 100_000,
    upMaxBytesPerSecond: 100_000,
  });
  assert.equal(network.wires.latencyMs(a, b), 40);
  const sentMs = network.nowMs;
  // 936 bytes and 64 of overhead are 10 ms at 100 kB/s; the second waits for the first.
  network.wires.send(a, end, 'search', new Uint8Array(936));
  network.wires.send(a, end, 'search', new Uint8Array(936));
  network.runFor(1_000);
  assert.deepEqual(
    arrived.map(({ atMs }) => Math.round(atMs - sentMs)),
    [50, 60],
  );
});

test('a message with a record is charged as if its payload had the size that it has in production', () => {
  const { network } = pair(QUIET);
  const { record } = makeContent(network, new SimRandom(1));
  const bytes = encodeRouteMessage({ type: 'replicate', id: new Uint8Array(16), stamp: new Uint8Array(8), record });
  assert.equal(network.wires.chargedBytes('route', bytes), bytes.length - 64 + 32_768 + 64);
});

test('jitter stays within its share, and messages of a link keep their order', () => {
  const { network, a, end, arrived } = pair({ latencyMinMs: 50, latencyMaxMs: 50, jitter: 0.5, loss: 0 });
  const sentMs: number[] = [];
  for (let count = 0; count < 200; count += 1) {
    network.later(count * 3, () => {
      sentMs.push(network.nowMs);
      network.wires.send(a, end, 'search', Uint8Array.of(count));
    });
  }
  network.runFor(5_000);
  assert.deepEqual(
    arrived.map(({ bytes }) => bytes[0]),
    Array.from({ length: 200 }, (_, count) => count),
  );
  const delays = arrived.map(({ atMs }, index) => atMs - sentMs[index]!);
  assert.ok(Math.min(...delays) >= 50 && Math.max(...delays) < 50 * 1.5 + 1, `${Math.max(...delays)}`);
  assert.ok(Math.max(...delays) > 60, 'there is jitter');
});

test('a lost packet delays, nothing is lost: so many are late as packets are lost', () => {
  const { network, a, end, arrived } = pair({ latencyMinMs: 10, latencyMaxMs: 10, jitter: 0, loss: 0.1 });
  const sentMs: number[] = [];
  for (let count = 0; count < 3_000; count += 1) {
    // Far enough apart that one that is late does not hold up the next.
    network.later(count * 1_000, () => {
      sentMs.push(network.nowMs);
      network.wires.send(a, end, 'search', new Uint8Array(10));
    });
  }
  network.runFor(3_100_000);
  assert.equal(arrived.length, 3_000);
  const late = arrived.filter(({ atMs }, index) => atMs - sentMs[index]! > 50).length;
  assert.ok(late > 240 && late < 360, `${late} of 3,000 late at 10 % loss`);
});

test('a full uplink is reported as a transport does, and taken back', () => {
  const { network, a, end } = pair({ ...QUIET, upMinBytesPerSecond: 100_000, upMaxBytesPerSecond: 100_000 });
  const told: string[] = [];
  const { core } = a;
  const [congested, handle] = [core.congested.bind(core), core.handle.bind(core)];
  core.congested = (link) => {
    told.push(`congested at ${network.links.pendingBytes(end)}`);
    congested(link);
  };
  core.handle = (event, nowMs) => {
    if (event.type === 'writable') told.push(`writable at ${network.links.pendingBytes(end)}`);
    return handle(event, nowMs);
  };
  for (let count = 0; count < 200; count += 1) network.wires.send(a, end, 'search', new Uint8Array(936));
  network.runFor(10_000);
  assert.equal(told.length, 2, told.join('; '));
  const [full, room] = told.map((text) => Number(text.split(' ').at(-1)));
  assert.ok(full! > SOFT_PENDING_BYTES && full! <= SOFT_PENDING_BYTES + 1_000, told[0]);
  assert.ok(room! <= WRITABLE_PENDING_BYTES && room! > WRITABLE_PENDING_BYTES - 1_000, told[1]);
});

test('links have their turns at an uplink: one that is full does not hold up another', () => {
  const conditions = { ...QUIET, upMinBytesPerSecond: 100_000, upMaxBytesPerSecond: 100_000 };
  const { network, a, end, arrived } = pair(conditions, 3);
  const c = network.nodes[2]!;
  network.start(c);
  assert.ok(network.wires.connect(a, c));
  const toC: number[] = [];
  c.incoming = (_from, _to, channel, bytes) => {
    if (channel === 'search') toC.push(network.nowMs);
    return bytes;
  };
  network.runFor(1_000);
  const startMs = network.nowMs;
  for (let count = 0; count < 100; count += 1) network.wires.send(a, end, 'search', new Uint8Array(936));
  for (let count = 0; count < 2; count += 1) network.wires.send(a, a.ends.get(c.index)!, 'search', new Uint8Array(936));
  network.runFor(2_000);
  assert.equal(arrived.length, 100);
  // 10 ms a message: the third and fifth turn are the other link's, though 99 wait on the first.
  assert.ok(toC[1]! - startMs < 100, `${toC[1]! - startMs} ms`);
});

test('a link on which too much waits is closed, and both ends hear of it', () => {
  const { network, a, b, end } = pair({ ...QUIET, upMinBytesPerSecond: 100_000, upMaxBytesPerSecond: 100_000 });
  // The first leaves at once and waits for nobody.
  for (let sent = 0; sent <= HARD_PENDING_BYTES + 2 * 39_064; sent += 39_064)
    network.wires.send(a, end, 'search', new Uint8Array(39_000));
  assert.equal(network.links.state[end], CLOSED);
  network.runFor(200_000);
  assert.deepEqual([a.ends.size, b.ends.size], [0, 0]);
  assert.deepEqual([a.core.readyLinks(), b.core.readyLinks()], [0, 0]);
});

test('a killed process is noticed after six seconds where something is under way, later where nothing is', () => {
  const noticed = (sendsFirst: boolean): number => {
    const { network, a, b, end } = pair(QUIET);
    let downMs = Number.NaN;
    network.observe({ onLink: (atMs, _a, _b, isUp) => void (isUp || (downMs = atMs)) });
    const killedMs = network.nowMs;
    network.kill(b);
    assert.equal(network.links.state[end], DOOMED);
    if (sendsFirst) network.wires.send(a, end, 'search', new Uint8Array(1));
    network.runFor(60_000);
    return downMs - killedMs;
  };
  assert.equal(Math.round(noticed(true)), 6_000);
  const idleMs = noticed(false);
  assert.ok(idleMs > 6_000 && idleMs <= 26_000, `${idleMs}`);
});

test('a clean end is known after one delay', () => {
  const { network, b } = pair({ ...QUIET, latencyMinMs: 30, latencyMaxMs: 30 });
  let downMs = Number.NaN;
  network.observe({ onLink: (atMs, _a, _b, isUp) => void (isUp || (downMs = atMs)) });
  const stoppedMs = network.nowMs;
  network.stop(b);
  network.runFor(1_000);
  assert.equal(Math.round(downMs - stoppedMs), 30);
});

test('sides of a partition do not reach each other until it heals', () => {
  const { network, a, b } = pair(QUIET);
  network.partition((node) => node.index);
  network.runFor(30_000);
  assert.equal(a.ends.size, 0);
  assert.equal(network.wires.connect(a, b), false);
  network.partition(() => 0);
  assert.equal(network.wires.connect(a, b), true);
});

test('a node takes no more links than its transport has room for, and two of one prefix', () => {
  const network = new Network({ seed: 3, nodes: 0, targetLinks: 4, conditions: { natShare: 0 } });
  network.canDial = false;
  const hub = network.addNode();
  const crowd = Array.from({ length: 4 }, (_, index) => network.addNode(undefined, `9.9.9.${index + 1}`));
  const others = Array.from({ length: 10 }, () => network.addNode());
  for (const node of network.nodes) network.start(node);
  assert.deepEqual(
    crowd.map((node) => network.wires.connect(hub, node)),
    [true, true, false, false],
  );
  assert.equal(others.filter((node) => network.wires.connect(node, hub)).length, 6);
  assert.equal(hub.ends.size, hub.maxLinks);
});

test('a restarted node has its disk, and nothing of what it was doing', () => {
  const network = smallRun(4);
  const node = network.nodes.find((one) => one.store.keptSize > 0)!;
  const kept = node.store.keptSize;
  const { core } = node;
  let ended = false;
  network.startRequest(node, new Uint8Array(32), {}, () => (ended = true));
  network.kill(node);
  network.runFor(1_000);
  network.start(node);
  network.runFor(60_000);
  assert.notEqual(node.core, core);
  assert.ok(node.store.keptSize >= kept);
  assert.ok(node.core.readyLinks() > 0);
  assert.equal(ended, false);
});

test('nodes that join one by one find each other', () => {
  const network = new Network({ seed: 6, nodes: 15 });
  build(network, 'grown');
  for (const node of network.nodes) assert.ok(node.core.readyLinks() >= 3, `${node.index}: ${node.core.readyLinks()}`);
});

test('simulated signatures verify, and nobody can make those of another', () => {
  const { crypto } = new Network({ seed: 1, nodes: 0 });
  const [mine, other] = [1, 2].map((fill) => crypto.keyPairFromSeed(new Uint8Array(32).fill(fill)));
  const message = Uint8Array.of(1, 2, 3);
  const signature = crypto.sign(message, mine!.secretKey);
  assert.ok(crypto.verify(signature, message, mine!.publicKey));
  assert.ok(!crypto.verify(signature, message, other!.publicKey));
  assert.ok(!crypto.verify(signature, Uint8Array.of(1, 2), mine!.publicKey));
  assert.ok(!crypto.verify(signature.subarray(1), message, mine!.publicKey));
  assert.ok(!crypto.verify(crypto.sign(message, other!.secretKey), message, mine!.publicKey));
  const changed = signature.slice();
  changed[63] = 1;
  assert.ok(!crypto.verify(changed, message, mine!.publicKey));
  const tweak = new Uint8Array(32).fill(9);
  const blinded = crypto.blindPublicKey(mine!.publicKey, tweak)!;
  assert.ok(crypto.verify(crypto.signBlinded(message, mine!.secretKey, tweak), message, blinded));
  assert.ok(!crypto.verify(signature, message, blinded));
});

test('a store keeps the higher rank, evicts what only passed by first, and is full when it is said to be', () => {
  const network = new Network({ seed: 1, nodes: 1, quotaRecords: 3 });
  const [node] = network.nodes as [SimNode];
  const random = new SimRandom(1);
  const author = makeSlotAuthor(network, random);
  const entry = (counter: number) => {
    const { address, record } = makeSlot(network, random, author, counter);
    const rank = new Uint8Array(14);
    rank[5] = counter;
    return { address, record, kind: 'slot', place: 'store', rank } as const;
  };
  const [older, newer] = [entry(1), entry(2)];
  assert.equal(node.store.put(newer), 'stored');
  assert.equal(node.store.put(older), 'present');
  assert.deepEqual(node.store.get(newer.address)?.record, newer.record);
  const blocks = Array.from({ length: 3 }, () => makeContent(network, random));
  const put = (index: number, place: 'store' | 'cache') =>
    node.store.put({ address: blocks[index]!.address, record: blocks[index]!.record, kind: 'content', place });
  assert.equal(put(0, 'cache'), 'stored');
  assert.equal(put(1, 'store'), 'stored');
  assert.equal(put(2, 'store'), 'stored');
  assert.equal(node.store.get(blocks[0]!.address), undefined);
  assert.equal(node.store.keptSize, 3);
  node.store.isFull = true;
  assert.equal(put(0, 'store'), 'full');
});
