/** Whom a transport links to by itself, whom it turns away and how it says so, and what it leaves to the core. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport, HyperswarmTransportOptions } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

const running: (() => Promise<void>)[] = [];
let failedDials = 0;

async function startDht(): Promise<readonly string[]> {
  const dht = await startBootstrapper();
  running.push(() => dht.stop());
  return dht.bootstrap;
}

async function start(number: number, options: Partial<HyperswarmTransportOptions>): Promise<TransportPeer> {
  const peer: TransportPeer = new TransportPeer(
    createHyperswarmTransport({
      keyPair: testKeyPair(number),
      network: 'neighbours',
      host: '127.0.0.1',
      maxLinks: 16,
      floorLinks: 0,
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
      onDialFailed: () => {
        failedDials += 1;
        peer.wake();
      },
      ...options,
    }),
  );
  running.unshift(() => peer.transport.stop());
  return peer.start();
}

const transportOf = (peer: TransportPeer): HyperswarmTransport => peer.transport as HyperswarmTransport;
const nodeOf = (peer: TransportPeer) => ({ publicKey: peer.transport.publicKey, ...transportOf(peer).address()! });
const dialledBy = (peer: TransportPeer): number => [...peer.links.values()].filter(({ initiator }) => initiator).length;

describe('neighbours of a transport', { timeout: 120_000 }, () => {
  afterEach(async () => {
    for (const stop of running.splice(0)) await stop();
  });

  it('are dialled by itself up to the floor, and above it only when asked for', async () => {
    const bootstrap = await startDht();
    const floorLinks = 2;
    const peers = await Promise.all(Array.from({ length: 8 }, (_, number) => start(number, { bootstrap, floorLinks })));
    await Promise.all(peers.map((peer) => peer.until('the floor', () => peer.links.size >= floorLinks, 30_000)));
    for (const peer of peers) assert.ok(dialledBy(peer) <= floorLinks, `${dialledBy(peer)} dialled`);
    const [asking] = peers;
    for (const peer of peers.slice(1)) asking!.transport.dial(nodeOf(peer));
    await asking!.until('links to all', () => asking!.links.size === peers.length - 1, 30_000);
  });

  it('are two of one /24 where the rule counts private nets, and the third is told', async () => {
    const bootstrap = await startDht();
    const hub = await start(0, { bootstrap, countsPrivateNets: true });
    const [a, b, c] = [await start(1, { bootstrap }), await start(2, { bootstrap }), await start(3, { bootstrap })];
    for (const peer of [a, b]) {
      peer.transport.dial(nodeOf(hub));
      await peer.linkedTo(hub);
    }
    await hub.until('two links', () => hub.links.size === 2);
    failedDials = 0;
    c.transport.dial(nodeOf(hub));
    await c.until('the end of its dial', () => failedDials === 1);
    assert.deepEqual([transportOf(hub).closings().prefix, transportOf(c).closings().dismissed], [1, 1]);
    assert.deepEqual([hub.ups, hub.links.size, c.ups], [2, 2, 0]);
    // It does not choose a third by itself either, and has room again when one of the two goes.
    await a.transport.stop();
    await hub.until('the end of a link', () => hub.links.size === 1);
    c.transport.dial(nodeOf(hub));
    await c.linkedTo(hub);
  });

  it('are any number on one machine where it does not', async () => {
    const bootstrap = await startDht();
    const hub = await start(0, { bootstrap });
    const others = await Promise.all([1, 2, 3].map((number) => start(number, { bootstrap })));
    for (const peer of others) peer.transport.dial(nodeOf(hub));
    await hub.until('three links', () => hub.links.size === 3);
  });

  it('that the core closed are left alone by both ends until the core asks', async () => {
    const bootstrap = await startDht();
    const a = await start(0, { bootstrap, floorLinks: 4 });
    const b = await start(1, { bootstrap, floorLinks: 4 });
    const link = await a.linkedTo(b);
    await b.linkedTo(a);
    a.transport.close(link);
    await Promise.all([a, b].map((peer) => peer.until('the end of the link', () => peer.links.size === 0)));
    assert.equal(transportOf(b).closings().dismissed, 1);
    // Both look for neighbours: they find a third, and not each other.
    const c = await start(2, { bootstrap, floorLinks: 4 });
    await Promise.all([c.linkedTo(a), c.linkedTo(b)]);
    assert.deepEqual([a.links.size, b.links.size], [1, 1]);
    a.transport.dial(nodeOf(b));
    await a.linkedTo(b);
  });
});
