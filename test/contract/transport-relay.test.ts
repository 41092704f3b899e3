/**
 * Nodes that cannot reach each other, and a neighbour of both between: links, what goes over them, who carries and who does not, and the way
 * back to a link of their own. Real transports over loopback, of which two are told that they cannot meet.
 */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';

import { toHex } from '../../shared/base/bytes.ts';
import { DIAL_ALONE_MS } from '../../src-main/transport/hyperswarm/relay/limits.ts';
import type { RelaySettings } from '../../src-main/transport/hyperswarm/relay/relays.ts';
import type { Relaying } from '../../src-main/transport/hyperswarm/relaying.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport, HyperswarmTransportOptions } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

const CARRIES: RelaySettings = { consent: 'neighbours', bytesPerSecond: 0, bytesPerDay: 0 };
const running: (() => unknown)[] = [];

class Node extends TransportPeer {
  declare readonly transport: HyperswarmTransport;
  /** Numbers of nodes that cannot be met. */
  readonly apart: Set<string>;

  constructor(number: number, options: Partial<HyperswarmTransportOptions> = {}) {
    const apart = new Set<string>();
    const transport = createHyperswarmTransport({
      keyPair: testKeyPair(number),
      network: 'relay-test',
      bootstrap: [],
      host: '127.0.0.1',
      maxLinks: 16,
      floorLinks: 0,
      limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
      cannotMeet: (publicKey) => apart.has(toHex(publicKey)),
      ...options,
    });
    super(transport);
    this.apart = apart;
    running.push(() => transport.stop());
  }

  get key(): string {
    return toHex(this.transport.publicKey);
  }

  dial(other: Node): void {
    this.transport.dial({ publicKey: other.transport.publicKey, ...other.transport.address() });
  }

  pathTo(other: Node): string | undefined {
    const link = this.linkTo(other.transport.publicKey);
    return link === undefined ? undefined : this.transport.linkStats(link)?.path;
  }
}

function part(a: Node, b: Node): void {
  a.apart.add(b.key);
  b.apart.add(a.key);
}

async function link(a: Node, b: Node): Promise<void> {
  a.dial(b);
  await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
}

/** Two that cannot meet, and others that both are linked to. */
async function apart(
  relays: readonly Partial<HyperswarmTransportOptions>[],
): Promise<{ readonly a: Node; readonly b: Node; readonly relays: Node[] }> {
  const [a, b] = [await new Node(0).start(), await new Node(1).start()];
  part(a, b);
  const between: Node[] = [];
  for (const [index, options] of relays.entries()) {
    const relay = await new Node(2 + index, options).start();
    await Promise.all([link(a, relay), link(b, relay)]);
    between.push(relay);
  }
  return { a, b, relays: between };
}

const numbered = (number: number, length: number): Uint8Array => {
  const bytes = new Uint8Array(length).fill(number % 251);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
};

/** Sends messages as fast as the link takes them, and checks that they come once, in order, unchanged. */
async function flow(from: Node, to: Node, count: number, onSent: (sent: number) => void = () => {}): Promise<void> {
  const sender = from.linkTo(to.transport.publicKey)!;
  let taken = 0;
  to.onMessage = ({ bytes }) => {
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (number !== taken || bytes.at(-1) !== number % 251) to.faults.push(`message ${number} came for ${taken}`);
    taken += 1;
  };
  for (let sent = 0; sent < count; sent += 1) {
    onSent(sent);
    const { writables } = from;
    if (from.transport.send(sender, 'transfer', numbered(sent, 20_000))) continue;
    await from.until('room', () => from.writables > writables || from.downs > 0, 30_000);
  }
  await to.until('all messages', () => taken >= count, 30_000);
  assert.equal(taken, count);
  assert.deepEqual(to.faults, []);
}

/** Looked at often: nobody tells of it. */
async function reached(what: string, condition: () => boolean, limitMs = 15_000): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!condition()) {
    assert.ok(performance.now() < untilMs, `not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('links by way of a neighbour', { timeout: 120_000 }, () => {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
  });

  it('links two nodes that cannot meet, end to end, and says by whom', async () => {
    const { a, b, relays } = await apart([{ relay: CARRIES }]);
    a.dial(b);
    const [ab, ba] = await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    for (const [node, number] of [
      [a, ab],
      [b, ba],
    ] as const) {
      const stats = node.transport.linkStats(number)!;
      assert.equal(stats.path, 'relay');
      assert.deepEqual(stats.relay, relays[0]!.transport.publicKey);
    }
    await flow(a, b, 200);
    await flow(b, a, 200);
    const { streams, bytes } = relays[0]!.transport.relaying.figures;
    assert.equal(streams, 1);
    assert.ok(bytes > 8_000_000, `${bytes} bytes`);
    assert.equal(a.transport.relaying.figures.links, 1);
    // What went by the neighbour is counted once at the ends, and both ways between.
    const sent = a.transport.traffic().outBytes;
    assert.ok(sent > 4_000_000 && sent < 4_400_000, `${sent} bytes`);
  });

  it('comes back to a way of its own when there is one, with messages under way both ways, and the link stands', async () => {
    const { a, b, relays } = await apart([{ relay: CARRIES }]);
    a.dial(b);
    const [ab, ba] = await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    const tryAlone = (): void => (a.transport.relaying as Relaying).networkChanged();
    let isTried = false;
    const there = flow(a, b, 400, (sent) => {
      if (sent < 100 || isTried) return;
      isTried = true;
      for (const node of [a, b]) node.apart.clear();
      tryAlone();
    });
    await Promise.all([there, flow(b, a, 400)]);
    await reached('a way of its own', () => a.pathTo(b) !== 'relay' && b.pathTo(a) !== 'relay');
    assert.deepEqual([a.linkTo(b.transport.publicKey), b.linkTo(a.transport.publicKey)], [ab, ba]);
    for (const node of [a, b]) assert.deepEqual([node.ups, node.downs], [2, 0]);
    // All of it is the same link's, counted once.
    const { inBytes, outBytes } = a.transport.linkStats(ab)!;
    assert.deepEqual([inBytes, outBytes], [8_000_000, 8_000_000]);
    await flow(a, b, 50);
    await reached('an end of carrying', () => relays[0]!.transport.relaying.figures.streams === 0);
  });

  it('goes by another neighbour when the one that carries is killed, at once', async () => {
    const { a, b, relays } = await apart([{ relay: CARRIES }, { relay: CARRIES }]);
    a.dial(b);
    const first = await a.linkedTo(b);
    await b.linkedTo(a);
    const by = toHex(a.transport.linkStats(first)!.relay!);
    const killed = relays.find(({ key }) => key === by)!;
    await killed.transport.stop();
    await Promise.all([a, b].map((node) => node.until('the end of both links', () => node.downs === 2)));
    const startedMs = performance.now();
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    const ms = performance.now() - startedMs;
    assert.ok(ms < DIAL_ALONE_MS, `${ms} ms: as one that was not known to need help`);
    const again = a.linkTo(b.transport.publicKey)!;
    assert.notEqual(toHex(a.transport.linkStats(again)!.relay!), by);
    await flow(a, b, 20);
  });

  it('stands at both ends or at neither when the one that carries is killed while the link moves', async () => {
    for (const afterMs of [0, 5, 15, 40]) {
      const { a, b, relays } = await apart([{ relay: CARRIES }]);
      a.dial(b);
      const links = await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
      const next = [0, 0];
      const order = (at: Node, index: number) => {
        at.onMessage = ({ link: by, bytes }) => {
          if (by !== links[index]) return;
          const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
          if (number !== next[index]) at.faults.push(`message ${number} came for ${next[index]}`);
          next[index] = number + 1;
        };
      };
      order(a, 0);
      order(b, 1);
      for (let sent = 0; sent < 30; sent += 1) {
        a.transport.send(links[0], 'route', numbered(sent, 20_000));
        b.transport.send(links[1], 'route', numbered(sent, 20_000));
      }
      for (const node of [a, b]) node.apart.clear();
      (a.transport.relaying as Relaying).networkChanged();
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await relays[0]!.transport.stop();
      const stands = (): boolean[] => [a, b].map((node, index) => node.links.has(links[index]!));
      const isSettled = (): boolean =>
        stands().every((each) => !each) || (stands().every(Boolean) && next[0] === 30 && next[1] === 30);
      await reached('both ends agree', isSettled);
      assert.deepEqual([...a.faults, ...b.faults], []);
      if (!stands()[0]) await link(a, b);
      await Promise.all(running.splice(0).map((stop) => stop()));
    }
  });

  it('leaves a neighbour that holds what it carries, and takes another', async () => {
    const { a, b, relays } = await apart([{ relay: CARRIES }, { relay: CARRIES }]);
    a.dial(b);
    const first = await a.linkedTo(b);
    await b.linkedTo(a);
    const by = toHex(a.transport.linkStats(first)!.relay!);
    const holder = relays.find(({ key }) => key === by)!;
    holder.transport.relaying.set({ ...CARRIES, bytesPerSecond: 1 });
    for (let sent = 0; sent < 20; sent += 1) a.transport.send(first, 'transfer', numbered(sent, 20_000));
    const startedMs = performance.now();
    await a.until('the end of the link', () => a.downs === 1, 15_000);
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.ok(seconds < 10, `noticed after ${seconds} s`);
    holder.transport.relaying.set(CARRIES);
    a.dial(b);
    const again = await a.linkedTo(b);
    assert.notEqual(toHex(a.transport.linkStats(again)!.relay!), by);
  });

  it('says why where nobody carries: switched off, a stranger, nobody is linked to both', async () => {
    const refusal = (node: Node, other: Node): string | undefined =>
      node.transport.relaying.refusalOf(other.transport.publicKey);
    const dial = async (node: Node, other: Node): Promise<string> => {
      node.dial(other);
      await reached('an answer', () => refusal(node, other) !== undefined);
      return refusal(node, other)!;
    };
    const off = await apart([{}]);
    assert.equal(await dial(off.a, off.b), 'off');
    await Promise.all(running.splice(0).map((stop) => stop()));
    const stranger = await apart([{ relay: { ...CARRIES, consent: 'known' } }]);
    assert.equal(await dial(stranger.a, stranger.b), 'stranger');
    const third = await new Node(7).start();
    part(stranger.a, third);
    // It does not say whom it is linked to, either.
    assert.equal(await dial(stranger.a, third), 'stranger');
    const alone = await new Node(8).start();
    part(alone, stranger.a);
    assert.equal(await dial(alone, stranger.a), 'no-link');
  });

  it('carries for whom an invite named', async () => {
    const { a, b, relays } = await apart([{ relay: { ...CARRIES, consent: 'known' } }]);
    relays[0]!.transport.meet({ publicKey: a.transport.publicKey });
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
  });

  it('ends what it carries when that is withdrawn, or the day is used up', async () => {
    const { a, b, relays } = await apart([{ relay: { ...CARRIES, bytesPerDay: 4_000_000 } }]);
    const { relaying } = relays[0]!.transport;
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    const first = a.linkTo(b.transport.publicKey)!;
    for (let sent = 0; sent < 100; sent += 1) a.transport.send(first, 'transfer', numbered(sent, 20_000));
    // A quarter of the day is for one who asks.
    await a.until('the end of the link', () => a.downs === 1, 10_000);
    const { bytes } = relaying.figures;
    assert.ok(bytes >= 1_000_000 && bytes < 1_100_000, `${bytes} bytes`);
    relaying.set(CARRIES);
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    relaying.set({ ...CARRIES, consent: 'off' });
    await a.until('the end of the second', () => a.downs === 2);
    await b.until('the end of the second', () => b.downs === 2);
  });

  it('keeps what is carried a second within what is given', async () => {
    const { a, b, relays } = await apart([{ relay: { ...CARRIES, bytesPerSecond: 1_000_000 } }]);
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    const startedMs = performance.now();
    await flow(a, b, 100);
    const seconds = (performance.now() - startedMs) / 1_000;
    // Half of it is for one who asks: two million bytes in four seconds.
    assert.ok(seconds > 3.5, `${seconds} s`);
    assert.equal(relays[0]!.downs, 0);
  });

  it('carries nothing over what is carried itself', async () => {
    // a and b meet only by a neighbour of both, a and c not at all: to a, b could carry on what is carried to b.
    const { a, b } = await apart([{ relay: CARRIES }]);
    a.dial(b);
    await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
    const c = await new Node(9, { relay: CARRIES }).start();
    part(a, c);
    await link(b, c);
    a.dial(c);
    const refusal = (): string | undefined => a.transport.relaying.refusalOf(c.transport.publicKey);
    await reached('an answer', () => refusal() !== undefined);
    assert.equal(refusal(), 'no-link');
    assert.equal(a.linkTo(c.transport.publicKey), undefined);
  });
});
