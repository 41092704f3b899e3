/**
 * Raw secret streams among as many processes as a practice network has, which carry bytes and do nothing else: what the
 * links of that network cost on this machine, and so the limit of all that goes over them.
 *
 * Every process sends to a few others and receives from as many; all streams begin at once.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { startBootstrapper } from '../../../src-main/transport/hyperswarm/bootstrapper.ts';
import { CHUNK_BYTES, rawKeyPair, rawNode } from './raw-stream.ts';

interface Part {
  readonly bootstrap: readonly string[];
  readonly index: number;
  readonly processes: number;
  /** That begin at each process, as links that a node dials. */
  readonly streams: number;
  /** Bytes of each stream. */
  readonly streamBytes: number;
}

export interface RawMesh {
  /** Of all streams together. */
  readonly bytesPerSecond: number;
  /** Processor time of all processes for a MiB that crosses one stream, in milliseconds. */
  readonly cpuMsPerMib: number;
}

/** Carries `totalBytes` in all, divided evenly among as many streams as there are `links`, each process at as many ends. */
export async function measureRawMesh(processes: number, links: number, totalBytes: number): Promise<RawMesh> {
  const streams = Math.min(processes - 1, Math.max(1, Math.round(links / processes)));
  const testnet = await startBootstrapper();
  const streamBytes = Math.ceil(totalBytes / (processes * streams));
  const children = Array.from({ length: processes }, (_, index) => {
    const part: Part = { bootstrap: testnet.bootstrap, index, processes, streams, streamBytes };
    return fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, RAW_MESH: JSON.stringify(part) } });
  });
  try {
    await told(children, 'listening', 'connect');
    await told(children, 'connected', 'begin');
    const startedMs = performance.now();
    const cpuMs = await told(children, 'done');
    const seconds = (performance.now() - startedMs) / 1000;
    const carried = streamBytes * streams * processes;
    return { bytesPerSecond: carried / seconds, cpuMsPerMib: cpuMs / (carried / 1_048_576) };
  } finally {
    for (const child of children) child.kill();
    await testnet.stop();
  }
}

/** Waits until each child has said a word, and then says another to all; the sum of what they said with it. */
async function told(children: readonly ChildProcess[], word: string, answer?: string): Promise<number> {
  const values = await Promise.all(
    children.map(
      (child) =>
        new Promise<number>((resolve, reject) => {
          const onExit = (): void => reject(new Error('a process of the raw streams ended'));
          const onMessage = (message: unknown): void => {
            const [said, value] = message as [string, number];
            if (said !== word) return;
            child.off('message', onMessage);
            child.off('exit', onExit);
            resolve(value);
          };
          child.on('message', onMessage);
          child.once('exit', onExit);
        }),
    ),
  );
  if (answer !== undefined) for (const child of children) child.send(answer);
  return values.reduce((sum, value) => sum + value, 0);
}

async function carry({ bootstrap, index, processes, streams, streamBytes }: Part): Promise<void> {
  const heard = (word: string): Promise<void> =>
    new Promise((resolve) => process.on('message', (message) => message === word && resolve()));
  const [connect, begin] = [heard('connect'), heard('begin')];
  const expected = streams * streamBytes;
  let received = 0;
  const all = Promise.withResolvers<void>();
  const dht = rawNode(bootstrap);
  const server = dht.createServer({}, (stream) => {
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => {
      received += data.length;
      if (received >= expected) all.resolve();
    });
  });
  await server.listen(rawKeyPair(index));
  process.send!(['listening', 0]);
  await connect;
  const open = await Promise.all(
    Array.from({ length: streams }, async (_, turn) => {
      const stream = dht.connect(rawKeyPair((index + 1 + turn) % processes).publicKey, { keyPair: rawKeyPair(index) });
      stream.on('error', () => undefined);
      await new Promise<void>((resolve) => stream.once('open', () => resolve()));
      return stream;
    }),
  );
  process.send!(['connected', 0]);
  await begin;
  const before = process.cpuUsage();
  const chunk = Buffer.alloc(CHUNK_BYTES, 7);
  await Promise.all(
    open.map(async (stream) => {
      for (let left = streamBytes; left > 0; left -= CHUNK_BYTES) {
        // A buffer of its own for each, as messages have: it is sealed in place.
        if (!stream.write(Buffer.from(chunk.subarray(0, Math.min(left, CHUNK_BYTES)))))
          await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
      }
    }),
  );
  await all.promise;
  const { user, system } = process.cpuUsage(before);
  process.send!(['done', (user + system) / 1_000]);
}

if (process.env['RAW_MESH'] !== undefined && process.send !== undefined) {
  const part = JSON.parse(process.env['RAW_MESH']) as Part;
  delete process.env['RAW_MESH'];
  await carry(part);
}
