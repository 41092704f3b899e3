/** One raw secret stream of HyperDHT on loopback, a process at each end: the limit that the network's links run under. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import HyperDHT from 'hyperdht';
import { startBootstrapper } from '../../../src-main/transport/hyperswarm/bootstrapper.ts';
import { testKeyPair } from '../../support/transport-peer.ts';

/** About a message with a block in it. */
export const CHUNK_BYTES = 33_000;

/** The same in every process. */
export function rawKeyPair(number: number): HyperDHT.HyperKeyPair {
  const { publicKey, secretKey } = testKeyPair(number);
  return { publicKey: Buffer.from(publicKey), secretKey: Buffer.from(secretKey) };
}

export function rawNode(bootstrap: readonly string[]): HyperDHT {
  return new HyperDHT({ bootstrap, host: '127.0.0.1', firewalled: false, connectionKeepAlive: false });
}

/** Bytes a second over `totalBytes`. */
export async function measureRawStream(totalBytes: number): Promise<number> {
  const testnet = await startBootstrapper();
  const child = fork(fileURLToPath(import.meta.url), [], {
    env: { ...process.env, RAW_STREAM: JSON.stringify({ bootstrap: testnet.bootstrap, totalBytes }) },
  });
  const said = (word: string): Promise<void> =>
    new Promise((resolve, reject) => {
      child.on('message', (message) => message === word && resolve());
      child.once('exit', () => reject(new Error('the other end of the raw stream ended')));
    });
  const dht = rawNode(testnet.bootstrap);
  try {
    await said('ready');
    const stream = dht.connect(rawKeyPair(2).publicKey, { keyPair: rawKeyPair(1) });
    stream.on('error', () => undefined);
    await new Promise<void>((resolve) => stream.once('open', () => resolve()));
    const done = said('done');
    const chunk = Buffer.alloc(CHUNK_BYTES, 7);
    const startedMs = performance.now();
    for (let sent = 0; sent < totalBytes; sent += chunk.length) {
      if (!stream.write(Buffer.from(chunk)))
        await new Promise<void>((resolve) => stream.once('drain', () => resolve()));
    }
    await done;
    return totalBytes / ((performance.now() - startedMs) / 1000);
  } finally {
    child.kill();
    await dht.destroy({ force: true });
    await testnet.stop();
  }
}

async function receive(bootstrap: readonly string[], totalBytes: number): Promise<void> {
  let bytes = 0;
  const dht = rawNode(bootstrap);
  const server = dht.createServer({}, (stream) => {
    stream.on('error', () => undefined);
    stream.on('data', (data: Buffer) => {
      bytes += data.length;
      if (bytes >= totalBytes) process.send!('done');
    });
  });
  await server.listen(rawKeyPair(2));
  process.send!('ready');
}

if (process.env['RAW_STREAM'] !== undefined && process.send !== undefined) {
  const { bootstrap, totalBytes } = JSON.parse(process.env['RAW_STREAM']);
  delete process.env['RAW_STREAM'];
  await receive(bootstrap, totalBytes);
}
