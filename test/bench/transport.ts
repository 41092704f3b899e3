/**
 * Throughput of one link on loopback, a process at each end, over UDX and over TCP, beside the raw secret stream over UDX that carries
 * the same bytes; and the processor time of both ends for a message with a block in it.
 * Run: npm run bench -- transport [MiB] [--json]
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import HyperDHT from 'hyperdht';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';
import { median, Report } from './lib/report.ts';

const MESSAGE_BYTES = 33_000;

type Kind = 'raw' | 'udx' | 'tcp';

function createTransport(number: number, bootstrap: readonly string[], kind: Kind): HyperswarmTransport {
  return createHyperswarmTransport({
    keyPair: testKeyPair(number),
    network: 'bench',
    bootstrap,
    host: '127.0.0.1',
    maxLinks: 8,
    floorLinks: 0,
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
    tcp: kind === 'tcp',
  });
}

function rawNode(bootstrap: readonly string[]): HyperDHT {
  return new HyperDHT({ bootstrap, host: '127.0.0.1', firewalled: false, connectionKeepAlive: false });
}

function hyperKeyPair(number: number): HyperDHT.HyperKeyPair {
  const { publicKey, secretKey } = testKeyPair(number);
  return { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
}

/** The receiving end: tells when `total` bytes are there. */
async function receive(kind: Kind, bootstrap: readonly string[], totalBytes: number): Promise<void> {
  let bytes = 0;
  let before: NodeJS.CpuUsage | undefined;
  const count = (length: number): void => {
    bytes += length;
    before ??= process.cpuUsage();
    if (bytes < totalBytes) return;
    const { user, system } = process.cpuUsage(before);
    process.send!({ done: (user + system) / 1_000 });
  };
  if (kind === 'raw') {
    const dht = rawNode(bootstrap);
    const server = dht.createServer({}, (stream) => {
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => count(chunk.length));
    });
    await server.listen(hyperKeyPair(2));
  } else {
    const peer = new TransportPeer(createTransport(2, bootstrap, kind));
    peer.onMessage = (message) => count(message.bytes.length);
    await peer.start();
    process.send!((peer.transport as HyperswarmTransport).address());
    return;
  }
  process.send!('ready');
}

interface Measured {
  readonly mibPerSecond: number;
  /** Of both ends, for a message. */
  readonly processorUs: number;
}

async function measure(kind: Kind, bootstrap: readonly string[], messages: number): Promise<Measured> {
  const child = fork(fileURLToPath(import.meta.url), [
    'receive',
    kind,
    bootstrap[0]!,
    String(messages * MESSAGE_BYTES),
  ]);
  const done = new Promise<number>((resolve) => {
    child.on('message', (message: { done?: number }) => message.done !== undefined && resolve(message.done));
  });
  const ready = await new Promise<unknown>((resolve) => child.once('message', resolve));
  const bytes = Buffer.alloc(MESSAGE_BYTES);
  let startedAt: number;
  let before: NodeJS.CpuUsage;
  let stop: () => Promise<void>;
  if (kind === 'raw') {
    const dht = rawNode(bootstrap);
    const stream = dht.connect(Buffer.from(testKeyPair(2).publicKey), {});
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('open', resolve));
    startedAt = performance.now();
    before = process.cpuUsage();
    for (let count = 0; count < messages; count += 1) {
      if (!stream.write(bytes)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stop = () => dht.destroy({ force: true });
  } else {
    const peer = await new TransportPeer(createTransport(1, bootstrap, kind)).start();
    const other = testKeyPair(2).publicKey;
    peer.transport.dial({ publicKey: other, ...(ready as { host: string; port: number }) });
    await peer.until('a link', () => peer.linkTo(other) !== undefined);
    const link = peer.linkTo(other)!;
    const path = (): string | undefined => (peer.transport as HyperswarmTransport).linkStats(link)?.path;
    while (path() !== kind) await new Promise((resolve) => setTimeout(resolve, 10));
    startedAt = performance.now();
    before = process.cpuUsage();
    for (let count = 0; count < messages; count += 1) {
      const writables = peer.writables;
      if (!peer.transport.send(link, 'route', bytes)) await peer.until('room', () => peer.writables > writables);
    }
    stop = () => peer.transport.stop();
  }
  const othersMs = await done;
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(before);
  await stop();
  child.kill('SIGKILL');
  return {
    mibPerSecond: (messages * MESSAGE_BYTES) / 2 ** 20 / seconds,
    processorUs: (othersMs * 1_000 + user + system) / messages,
  };
}

if (process.argv[2] === 'receive') {
  await receive(process.argv[3] as Kind, [process.argv[4]!], Number(process.argv[5]));
} else {
  const messages = Math.ceil(
    (Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 512) * 2 ** 20) / MESSAGE_BYTES,
  );
  const dht = await startBootstrapper();
  const measured: Record<Kind, Measured[]> = { raw: [], udx: [], tcp: [] };
  // In turns, so that what else the machine does falls on all.
  for (let round = 0; round < 3; round += 1) {
    for (const kind of ['raw', 'udx', 'tcp'] as const) {
      measured[kind].push(await measure(kind, dht.bootstrap, messages));
    }
  }
  const report = new Report('transport');
  const rate = (kind: Kind): number => median(measured[kind].map(({ mibPerSecond }) => mibPerSecond));
  const processor = (kind: Kind): number => median(measured[kind].map(({ processorUs }) => processorUs));
  const beside = { name: 'one raw stream', value: rate('raw') };
  report.add({ name: 'one link over UDX, a process at each end', value: rate('udx'), unit: 'MiB/s', beside });
  report.add({ name: 'one link over TCP, a process at each end', value: rate('tcp'), unit: 'MiB/s', beside });
  const rawTime = { name: 'one raw stream', value: processor('raw') };
  report.add({ name: 'both ends for 33,000 bytes over UDX', value: processor('udx'), unit: 'us', beside: rawTime });
  report.add({ name: 'both ends for 33,000 bytes over TCP', value: processor('tcp'), unit: 'us', beside: rawTime });
  report.print();
  await dht.stop();
}
