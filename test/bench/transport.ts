/**
 * Throughput of one link on loopback, a process at each end, beside the raw secret stream that carries the same bytes.
 * Run: node test/bench/transport.ts [MiB]. Prints both and their ratio.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import HyperDHT from 'hyperdht';

import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { HyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { createHyperswarmTransport } from '../../src-main/transport/hyperswarm/transport.ts';
import { TransportPeer, testKeyPair } from '../support/transport-peer.ts';

const MESSAGE_BYTES = 33_000;

function createTransport(number: number, bootstrap: readonly string[]): ReturnType<typeof createHyperswarmTransport> {
  return createHyperswarmTransport({
    keyPair: testKeyPair(number),
    network: 'bench',
    bootstrap,
    host: '127.0.0.1',
    maxLinks: 8,
    floorLinks: 0,
    limits: { upBytesPerSecond: 0, downBytesPerSecond: 0 },
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
async function receive(kind: string, bootstrap: readonly string[], totalBytes: number): Promise<void> {
  let bytes = 0;
  const count = (length: number): void => {
    bytes += length;
    if (bytes >= totalBytes) process.send!('done');
  };
  if (kind === 'raw') {
    const dht = rawNode(bootstrap);
    const server = dht.createServer({}, (stream) => {
      stream.on('error', () => {});
      stream.on('data', (chunk: Buffer) => count(chunk.length));
    });
    await server.listen(hyperKeyPair(2));
  } else {
    const peer = new TransportPeer(createTransport(2, bootstrap));
    peer.onMessage = (message) => count(message.bytes.length);
    await peer.start();
    process.send!((peer.transport as HyperswarmTransport).address());
    return;
  }
  process.send!('ready');
}

async function measure(kind: string, bootstrap: readonly string[], messages: number): Promise<number> {
  const child = fork(fileURLToPath(import.meta.url), [
    'receive',
    kind,
    bootstrap[0]!,
    String(messages * MESSAGE_BYTES),
  ]);
  const done = new Promise<void>((resolve) => child.on('message', (message) => message === 'done' && resolve()));
  const ready = await new Promise<unknown>((resolve) => child.once('message', resolve));
  const bytes = Buffer.alloc(MESSAGE_BYTES);
  let startedAt: number;
  let stop: () => Promise<void>;
  if (kind === 'raw') {
    const dht = rawNode(bootstrap);
    const stream = dht.connect(Buffer.from(testKeyPair(2).publicKey), {});
    stream.on('error', () => {});
    await new Promise((resolve) => stream.once('open', resolve));
    startedAt = performance.now();
    for (let count = 0; count < messages; count += 1) {
      if (!stream.write(bytes)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stop = () => dht.destroy({ force: true });
  } else {
    const peer = await new TransportPeer(createTransport(1, bootstrap)).start();
    const other = testKeyPair(2).publicKey;
    peer.transport.dial({ publicKey: other, ...(ready as { host: string; port: number }) });
    await peer.until('a link', () => peer.linkTo(other) !== undefined);
    const link = peer.linkTo(other)!;
    startedAt = performance.now();
    for (let count = 0; count < messages; count += 1) {
      const writables = peer.writables;
      if (!peer.transport.send(link, 'route', bytes)) await peer.until('room', () => peer.writables > writables);
    }
    stop = () => peer.transport.stop();
  }
  await done;
  const seconds = (performance.now() - startedAt) / 1_000;
  await stop();
  child.kill('SIGKILL');
  return (messages * MESSAGE_BYTES) / 2 ** 20 / seconds;
}

if (process.argv[2] === 'receive') {
  await receive(process.argv[3]!, [process.argv[4]!], Number(process.argv[5]));
} else {
  const messages = Math.ceil((Number(process.argv[2] ?? 512) * 2 ** 20) / MESSAGE_BYTES);
  const dht = await startBootstrapper();
  const raw: number[] = [];
  const ours: number[] = [];
  // In turns, so that what else the machine does falls on both.
  for (let round = 0; round < 3; round += 1) {
    raw.push(await measure('raw', dht.bootstrap, messages));
    ours.push(await measure('ours', dht.bootstrap, messages));
  }
  const median = (values: number[]): number => values.toSorted((a, b) => a - b)[1]!;
  console.log(
    JSON.stringify({
      rawMibPerSecond: Math.round(median(raw)),
      linkMibPerSecond: Math.round(median(ours)),
      ratio: Number((median(ours) / median(raw)).toFixed(2)),
      raw: raw.map(Math.round),
      link: ours.map(Math.round),
    }),
  );
  await dht.stop();
}
