import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { Bootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport, HyperswarmTransportOptions } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

const CHILD = fileURLToPath(new URL('../support/transport-child.ts', import.meta.url));

function create(number: number, options: Partial<HyperswarmTransportOptions>): HyperswarmTransport {
  return createHyperswarmTransport({
    keyPair: testKeyPair(number),
    network: 'hyperswarm-test',
    bootstrap: [],
    host: '127.0.0.1',
    maxLinks: 8,
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    ...options,
  });
}

/** Dials of each peer that came to nothing. */
const failedDials = new WeakMap<TransportPeer, number>();

function failedDialsOf(peer: TransportPeer): number {
  return failedDials.get(peer) ?? 0;
}

/** A dial is given up after 20 s (dialler.ts); twice that for a machine that is busy. */
const DIAL_ENDS_MS = 40_000;

/** Started by the present test, stopped after it even if it fails. */
const running: Array<() => Promise<unknown>> = [];

async function start(number: number, options: Partial<HyperswarmTransportOptions>): Promise<TransportPeer> {
  const peer: TransportPeer = new TransportPeer(
    create(number, {
      ...options,
      onDialFailed: () => {
        failedDials.set(peer, failedDialsOf(peer) + 1);
        peer.wake();
      },
    }),
  );
  running.push(() => peer.transport.stop());
  return peer.start();
}

async function startDht(): Promise<Bootstrapper> {
  const dht = await startBootstrapper();
  running.push(() => dht.stop());
  return dht;
}

async function stopAll(peers: readonly TransportPeer[]): Promise<void> {
  await Promise.all(peers.map((peer) => peer.transport.stop()));
  assert.deepEqual(
    peers.flatMap((peer) => peer.faults),
    [],
  );
}

describe('hyperswarm transport', { timeout: 120_000 }, () => {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
  });

  it('finds the others of its network, and only these, by the topic', async () => {
    const dht = await startDht();
    const { bootstrap } = dht;
    const peers = [await start(0, { bootstrap }), await start(1, { bootstrap }), await start(2, { bootstrap })];
    const stranger = await start(3, { bootstrap, network: 'another' });
    await Promise.all(peers.map((peer) => peer.until('two links', () => peer.links.size === 2)));
    for (const peer of peers) assert.equal(peer.linkTo(stranger.transport.publicKey), undefined);
    assert.equal(stranger.ups, 0);
    await stopAll([...peers, stranger]);
  });

  it('twelve nodes that start at once become a connected network without a link that flaps', async () => {
    const dht = await startDht();
    const peers = await Promise.all(
      Array.from({ length: 12 }, (_, number) =>
        start(number, { bootstrap: dht.bootstrap, maxLinks: 24, floorLinks: 12 }),
      ),
    );
    await Promise.all(peers.map((peer) => peer.until('eleven links', () => peer.links.size === 11, 30_000)));
    assert.deepEqual(
      peers.map((peer) => peer.downs),
      peers.map(() => 0),
    );
    await stopAll(peers);
  });

  it('keeps to the number of links that it may have', async () => {
    const dht = await startDht();
    const hub = await start(0, { bootstrap: dht.bootstrap, maxLinks: 2, floorLinks: 0 });
    const others = await Promise.all([1, 2, 3, 4].map((number) => start(number, { floorLinks: 0 })));
    for (const other of others) other.transport.dial(describeNode(hub));
    await hub.until('two links', () => hub.links.size === 2);
    const refused = others.filter((other) => hub.linkTo(other.transport.publicKey) === undefined);
    const dialsEnd = async (count: number): Promise<void> => {
      const ended = (other: TransportPeer): boolean => failedDialsOf(other) >= count;
      await Promise.all(refused.map((other) => other.until('the end of its dial', () => ended(other), DIAL_ENDS_MS)));
    };
    await dialsEnd(1);
    // The first were perhaps let in and sent away again; now the hub does not answer, and a dial ends after some seconds.
    for (const other of others) other.transport.dial(describeNode(hub));
    await dialsEnd(2);
    assert.deepEqual([hub.ups, hub.downs], [2, 0]);
    assert.equal(others.filter((other) => other.links.size === 0).length, 2);
    await stopAll([hub, ...others]);
  });

  it('starts without a network, throws nothing later, and stops', async () => {
    const peers = [
      await start(0, { bootstrap: ['127.0.0.1:9'] }),
      await start(1, { bootstrap: ['no such host.invalid:1', 'nonsense', '127.0.0.1:70000'] }),
      await start(2, { bootstrap: [] }),
    ];
    peers[0]!.transport.dial({ publicKey: testKeyPair(9).publicKey, host: '127.0.0.1', port: 9 });
    peers[1]!.transport.dial({ publicKey: testKeyPair(9).publicKey });
    peers[2]!.transport.dial({ publicKey: testKeyPair(9).publicKey, host: 'not an address', port: 123_456 });
    // A dial to nobody ends by itself after several seconds; what it throws would fail this test.
    await Promise.all(peers.map((peer) => peer.until('a failed dial', () => failedDialsOf(peer) > 0, DIAL_ENDS_MS)));
    const startedAt = performance.now();
    await stopAll(peers);
    assert.ok(performance.now() - startedAt < 3_000);
  });

  it('finds its neighbours again after a restart with the bootstrap dead', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'broadside-transport-'));
    const knownNodesPath = join(directory, 'known-nodes.json');
    const dht = await startDht();
    // The others must not find it first: they do not dial by themselves.
    const others = [
      await start(1, { bootstrap: dht.bootstrap, floorLinks: 0 }),
      await start(2, { bootstrap: dht.bootstrap, floorLinks: 0 }),
    ];
    const first = await start(0, { bootstrap: dht.bootstrap, knownNodesPath });
    await first.until('two links', () => first.links.size === 2);
    await first.transport.stop();
    await dht.stop();
    const saved = JSON.parse(await readFile(knownNodesPath, 'utf8'));
    assert.equal(saved.nodes.length, 2);
    const second = await start(0, { bootstrap: dht.bootstrap, knownNodesPath });
    await second.until('two links', () => second.links.size === 2);
    for (const { initiator } of second.links.values()) assert.equal(initiator, true);
    await stopAll([second, ...others]);

    await writeFile(knownNodesPath, '{"nodes": [{"publicKey": 5}, 7, null], "dhtNodes": "x", "por');
    const third = await start(0, { knownNodesPath });
    assert.equal((third.transport as HyperswarmTransport).knownNodes(), 0);
    await stopAll([third]);
    await rm(directory, { recursive: true });
  });

  it('dials again a neighbour that comes back', async () => {
    const dht = await startDht();
    const a = await start(0, { bootstrap: dht.bootstrap });
    const b = await start(1, { bootstrap: dht.bootstrap, floorLinks: 0 });
    await a.linkedTo(b);
    const { port } = (b.transport as HyperswarmTransport).address()!;
    await b.transport.stop();
    await a.until('the end of the link', () => a.links.size === 0);
    const again = await start(1, { bootstrap: [], floorLinks: 0, port });
    await a.linkedTo(again);
    await stopAll([a, again]);
  });

  it('notices a killed neighbour within 8 seconds', async (context) => {
    const dht = await startDht();
    const a = await start(0, { bootstrap: dht.bootstrap, network: 'child', floorLinks: 0 });
    const child = fork(CHILD, ['1', dht.bootstrap[0]!]);
    running.push(async () => child.kill('SIGKILL'));
    const address = await new Promise<{ host: string; port: number }>((resolve) => {
      child.once('message', (message) => resolve(message as { host: string; port: number }));
    });
    a.transport.dial({ publicKey: testKeyPair(1).publicKey, ...address });
    await a.until('traffic', () => a.received.length > 10);
    const [link] = a.links.keys();
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    const killedAt = performance.now();
    // Something is in flight: a request that will not be answered.
    a.transport.send(link!, 'route', new Uint8Array(100));
    await a.until('the end of the link', () => a.downs === 1);
    const seconds = (performance.now() - killedAt) / 1_000;
    context.diagnostic(`noticed after ${seconds.toFixed(1)} s`);
    assert.equal((a.transport as HyperswarmTransport).closings().gone, 1);
    assert.ok(seconds <= 8, `noticed after ${seconds} s`);
    await stopAll([a]);
  });

  it('measures round trips and counts bytes', async () => {
    const dht = await startDht();
    const a = await start(0, { bootstrap: dht.bootstrap });
    const b = await start(1, { bootstrap: dht.bootstrap });
    const link = await a.linkedTo(b);
    a.transport.send(link, 'route', new Uint8Array(1_234));
    await b.until('the message', () => b.received.length === 1);
    // The answer to the ping that began the link comes before the answer to the message.
    b.transport.send(b.linkTo(a.transport.publicKey)!, 'route', new Uint8Array(1));
    await a.until('an answer', () => a.received.length === 1);
    const stats = (a.transport as HyperswarmTransport).linkStats(link)!;
    assert.equal(stats.outBytes, 1_234);
    assert.ok(stats.roundTripMs !== undefined && stats.roundTripMs > 0 && stats.roundTripMs < 5_000);
    await stopAll([a, b]);
  });
});

function describeNode(peer: TransportPeer): { publicKey: Uint8Array; host: string; port: number } {
  return { publicKey: peer.transport.publicKey, ...(peer.transport as HyperswarmTransport).address()! };
}
