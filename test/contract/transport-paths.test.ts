/**
 * A link that moves from UDX to TCP and back: every message once and in order, whenever TCP breaks, and a link that is never worse than
 * without TCP. Over real sockets, which the test breaks.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import type { HyperswarmTransport, HyperswarmTransportOptions } from '../../src-main/transport/hyperswarm/transport.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { TcpSockets } from '../support/tcp-sockets.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

const CHILD = fileURLToPath(new URL('../support/transport-child.ts', import.meta.url));
/** The two ends agree on TCP within some ticks; more for a machine that is busy. */
const MOVE_MS = 20_000;
const running: (() => unknown)[] = [];

function create(number: number, options: Partial<HyperswarmTransportOptions>): HyperswarmTransport {
  const transport = createHyperswarmTransport({
    keyPair: testKeyPair(number),
    network: 'paths-test',
    bootstrap: [],
    host: '127.0.0.1',
    maxLinks: 16,
    floorLinks: 0,
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    ...options,
  });
  running.push(() => transport.stop());
  return transport;
}

/** Sends numbered messages of mixed sizes on a link as fast as it takes them, and checks those that come. */
class Flow {
  readonly #peer: TransportPeer;
  readonly #link: number;
  readonly #random: () => number;
  readonly #total: number;
  readonly #wantsMore: () => boolean;
  sent = 0;
  taken = 0;

  /** `total` messages, and more for as long as more are wanted. */
  constructor(peer: TransportPeer, link: number, total: number, seed: number, wantsMore: () => boolean) {
    this.#peer = peer;
    this.#link = link;
    this.#total = total;
    this.#wantsMore = wantsMore;
    const random = seededRandom(seed);
    this.#random = () => random.below(1_000) / 1_000;
  }

  get isDone(): boolean {
    return this.taken === this.sent;
  }

  take(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const number = view.getUint32(0);
    if (number !== this.taken) this.#peer.faults.push(`message ${number} came for ${this.taken}`);
    if (bytes.length > 4 && bytes.at(-1) !== number % 251) this.#peer.faults.push(`message ${number} is another's`);
    this.taken += 1;
  }

  async run(): Promise<void> {
    for (; this.sent < this.#total || this.#wantsMore(); this.sent += 1) {
      const bytes = new Uint8Array(this.#random() < 0.5 ? 4 + Math.floor(this.#random() * 300) : 33_000);
      bytes[bytes.length - 1] = this.sent % 251;
      new DataView(bytes.buffer).setUint32(0, this.sent);
      const { writables } = this.#peer;
      if (this.#peer.transport.send(this.#link, this.sent % 3 === 0 ? 'transfer' : 'route', bytes)) continue;
      await this.#peer.until('room', () => this.#peer.writables > writables, 60_000);
    }
  }
}

interface Pair {
  readonly a: TransportPeer;
  readonly b: TransportPeer;
  readonly ab: number;
  readonly ba: number;
}

async function pair(
  first: number,
  options: Partial<HyperswarmTransportOptions> = {},
  optionsOfB: Partial<HyperswarmTransportOptions> = options,
): Promise<Pair> {
  const a = await new TransportPeer(create(first, options)).start();
  const b = await new TransportPeer(create(first + 1, optionsOfB)).start();
  a.transport.dial({ publicKey: b.transport.publicKey, ...(b.transport as HyperswarmTransport).address() });
  const [ab, ba] = await Promise.all([a.linkedTo(b), b.linkedTo(a)]);
  return { a, b, ab, ba };
}

function pathOf(peer: TransportPeer, link: number): string | undefined {
  return (peer.transport as HyperswarmTransport).linkStats(link)?.path;
}

/** Looked at often: nobody tells of it. */
async function reached(what: string, condition: () => boolean, limitMs = MOVE_MS): Promise<void> {
  const untilMs = performance.now() + limitMs;
  while (!condition()) {
    assert.ok(performance.now() < untilMs, `not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const onTcp = ({ a, b, ab, ba }: Pair): boolean => pathOf(a, ab) === 'tcp' && pathOf(b, ba) === 'tcp';
const onUdx = ({ a, b, ab, ba }: Pair): boolean => pathOf(a, ab) === 'udx' && pathOf(b, ba) === 'udx';

/** Both ways at once; resolves when all has come, and checks that the link stood. */
function flow(
  links: Pair,
  total: number,
  seed: number,
  wantsMore = () => false,
): { readonly done: Promise<void>; readonly flows: readonly Flow[] } {
  const there = new Flow(links.a, links.ab, total, seed, wantsMore);
  const back = new Flow(links.b, links.ba, total, seed + 1, wantsMore);
  links.b.onMessage = ({ bytes }) => there.take(bytes);
  links.a.onMessage = ({ bytes }) => back.take(bytes);
  const done = Promise.all([there.run(), back.run()]).then(async () => {
    await links.b.until('all messages there', () => there.isDone, 60_000);
    await links.a.until('all messages back', () => back.isDone, 60_000);
    assert.deepEqual([...links.a.faults, ...links.b.faults], []);
    assert.deepEqual([links.a.downs, links.b.downs], [0, 0]);
  });
  return { done, flows: [there, back] };
}

describe('the paths of a link', { timeout: 170_000 }, () => {
  let sockets = new TcpSockets();

  afterEach(async () => {
    await Promise.all(running.splice(0).map((stop) => stop()));
    sockets.stop();
    sockets = new TcpSockets();
  });

  it('moves to TCP both ways, with messages under way, which come once and in order', async () => {
    const links = await pair(0);
    const { done } = flow(links, 500, 1);
    await reached('TCP', () => onTcp(links));
    await done;
    assert.ok(onTcp(links));
    const { bytesRead } = sockets.taken[0]!;
    const second = flow(links, 300, 2);
    await second.done;
    assert.ok(sockets.taken[0]!.bytesRead > bytesRead, 'nothing went over TCP');
    // The same link, with all that is known of it.
    const { inBytes, outBytes } = (links.a.transport as HyperswarmTransport).linkStats(links.ab)!;
    assert.deepEqual(links.a.transport.traffic(), { inBytes, outBytes });
    assert.equal((links.b.transport as HyperswarmTransport).linkStats(links.ba)!.inBytes, outBytes);
  });

  it('loses and doubles nothing when TCP breaks at any moment, eight links at once', async () => {
    const random = seededRandom(7);
    const all = await Promise.all(Array.from({ length: 8 }, (_, number) => pair(number * 2)));
    let broken = 0;
    // Each is broken after some bytes, in one of three ways: in the agreement, between two messages, within one.
    sockets.onCalled = (socket) => {
      const number = sockets.called.length - 1;
      const atBytes = number % 4 === 0 ? random.below(300) : random.below(1_500_000);
      const onData = (): void => {
        if (socket.bytesRead < atBytes || broken === all.length) return;
        socket.off('data', onData);
        broken += 1;
        breaks[number % 3]!(socket);
      };
      socket.on('data', onData);
    };
    const flows = all.map((links, number) => flow(links, 100, number * 10, () => broken < all.length));
    await Promise.all(flows.map(({ done }) => done));
    await Promise.all(all.map((links) => flow(links, 20, 99).done));
    assert.equal(broken, all.length);
  });

  const breaks: readonly ((socket: Socket) => void)[] = [
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end(),
    // Garbage, as from somebody between the two: the seal tells.
    (socket) => socket.write(Buffer.alloc(100, 7)),
  ];

  it('goes on by UDX when TCP breaks in the middle of the agreement, at whichever byte', async () => {
    // Bytes that the end that calls has read: the answer, the header, the welcome, what follows.
    for (const [number, atBytes] of [0, 1, 60, 140, 160, 250].entries()) {
      const links = await pair(number * 2);
      sockets.onCalled = (socket) => {
        if (atBytes === 0) socket.destroy();
        else socket.on('data', () => socket.bytesRead >= atBytes && socket.resetAndDestroy());
      };
      const { done } = flow(links, 60, number);
      await reached('a call', () => sockets.called.length > number);
      await done;
      await flow(links, 10, number + 100).done;
      await Promise.all([links.a.transport.stop(), links.b.transport.stop()]);
    }
  });

  it('gives up a TCP that falls silent, and sends again by UDX what went into it', async () => {
    const links = await pair(0);
    await reached('TCP', () => onTcp(links));
    const { done, flows } = flow(links, 500, 3);
    await links.b.until('a beginning', () => flows[0]!.taken > 20, 20_000);
    // Both ends go on writing; neither reads.
    for (const socket of [...sockets.called, ...sockets.taken]) {
      socket.pause();
      socket.resume = () => socket;
    }
    const startedMs = performance.now();
    await reached('UDX', () => onUdx(links), 30_000);
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.ok(seconds < 12, `silent for ${seconds} s`);
    await done;
  });

  it('stays on UDX where one end does not know of TCP, and where nobody can be called', async () => {
    const [without, closed] = [await pair(0, {}, { tcp: false }), await pair(2)];
    sockets.onCalled = (socket) => socket.destroy();
    // Each end calls in its turn.
    await reached('two calls', () => sockets.called.length >= 2);
    await Promise.all([flow(without, 300, 1).done, flow(closed, 300, 2).done]);
    assert.ok(onUdx(without));
    assert.ok(onUdx(closed));
    assert.equal(sockets.called.length, 2, 'called again at once');
  });

  it('has the other end call where the first cannot', async () => {
    const links = await pair(0);
    let calls = 0;
    sockets.onCalled = (socket) => {
      calls += 1;
      if (calls === 1) socket.destroy();
    };
    await reached('TCP', () => onTcp(links));
    assert.equal(calls, 2);
    await flow(links, 300, 1).done;
  });

  it('tells both ends of a close after all that was sent before it', async () => {
    const links = await pair(0);
    await reached('TCP', () => onTcp(links));
    for (let count = 0; count < 20; count += 1) links.a.transport.send(links.ab, 'route', new Uint8Array(20_000));
    links.a.transport.close(links.ab);
    await links.b.until('the end of the link', () => links.b.downs === 1);
    assert.equal(links.b.received.length, 20);
    assert.equal((links.b.transport as HyperswarmTransport).closings().dismissed, 1);
    await reached('the end of TCP', () => [...sockets.called, ...sockets.taken].every((socket) => socket.destroyed));
  });

  it('keeps limits on sending and receiving over TCP, and through its loss', async () => {
    const links = await pair(0, { limits: { upBytesPerSecond: 400_000, downBytesPerSecond: 0 } });
    await reached('TCP', () => onTcp(links));
    const startedMs = performance.now();
    for (let count = 0; count < 60; count += 1) links.a.transport.send(links.ab, 'route', new Uint8Array(20_000));
    await links.b.until('some', () => links.b.received.length >= 15);
    sockets.taken[0]!.resetAndDestroy();
    await links.b.until('all', () => links.b.received.length === 60, 30_000);
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.ok(seconds > 2, `1.2 MB at 400 KB/s took ${seconds} s`);
    assert.equal(links.a.downs, 0);
  });

  it('notices within 8 seconds that the other end stands still, though its system goes on answering by TCP', async () => {
    const dht = await startBootstrapper();
    running.push(() => dht.stop());
    const a = await new TransportPeer(create(0, { bootstrap: dht.bootstrap, network: 'child' })).start();
    const child = fork(CHILD, ['1', dht.bootstrap[0]!]);
    running.push(() => child.kill('SIGKILL'));
    const address = await new Promise<{ host: string; port: number }>((resolve) => {
      child.once('message', (message) => resolve(message as { host: string; port: number }));
    });
    a.transport.dial({ publicKey: testKeyPair(1).publicKey, ...address });
    await a.until('a link', () => a.links.size === 1);
    const [link] = a.links.keys();
    await reached('TCP', () => pathOf(a, link!) === 'tcp');
    child.kill('SIGSTOP');
    const startedMs = performance.now();
    a.transport.send(link!, 'route', new Uint8Array(100));
    await a.until('the end of the link', () => a.downs === 1);
    const seconds = (performance.now() - startedMs) / 1_000;
    assert.equal((a.transport as HyperswarmTransport).closings().gone, 1);
    assert.ok(seconds <= 8, `noticed after ${seconds} s`);
  });
});
