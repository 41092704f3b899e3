/**
 * A download between two real nodes that cannot meet: by way of a neighbour, by another when that one is killed, and with a reason when
 * nobody carries.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import type { Bootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { jobEnd, jobWhen } from '../support/practice.ts';
import { shareFolder } from '../support/sharing.ts';

const CHILD = fileURLToPath(new URL('../support/apart-child.ts', import.meta.url));
const MIB = 1_048_576;
const directory = mkdtempSync(join(tmpdir(), 'broadside-relay-'));
const children: ChildProcess[] = [];
let bootstrapper: Bootstrapper;

interface Node {
  readonly process: ChildProcess;
  readonly publicKey: string;
  readonly client: ContractClient;
}

before(async () => {
  bootstrapper = await startBootstrapper();
});
after(async () => {
  const gone = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(
    gone.map((child) => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      return exit;
    }),
  );
  await bootstrapper.stop();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

async function start(name: string, apart: readonly string[] = []): Promise<Node> {
  const data = join(directory, name);
  mkdirSync(data, { mode: 0o700 });
  const child = fork(CHILD, [data, 'practice-relay', bootstrapper.bootstrap[0]!, ...apart]);
  children.push(child);
  const publicKey = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error(`${name} ended`)));
    child.once('message', (message) => resolve((message as { ready: string }).ready));
  });
  const client = connectContract({
    post: (text) => child.connected && child.send(text),
    onMessage: (listener) => void child.on('message', (text) => listener(String(text))),
  });
  return { process: child, publicKey, client };
}

/** Each time that the status is told. */
async function untilLinks(node: Node, count: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = ({ links }: { readonly links: number }): void => {
      if (links < count) return;
      stop();
      resolve();
    };
    const stop = node.client.on('status', look);
    node.client.call('status.get', null).then(look, reject);
  });
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test(
  'two that cannot meet load by a neighbour, by another when it is killed, and are told why when none carries',
  { timeout: 120_000 },
  async () => {
    const files = join(directory, 'files');
    mkdirSync(files);
    const film = randomBytes(8 * MIB);
    await writeFile(join(files, 'film.mkv'), film);
    await writeFile(join(files, 'notes.txt'), randomBytes(50_000));
    const giver = await start('giver');
    const [links, loader, ...relays] = await Promise.all([
      shareFolder(giver.client, files, 2),
      start('loader', [giver.publicKey]),
      ...['first', 'second'].map((name) => start(name)),
    ]);
    await giver.client.call('config.set', { name: 'up-bytes-per-second', value: 4 * MIB });
    for (const { client } of relays) {
      await client.call('config.set', { name: 'relay', value: 'neighbours' });
      await client.call('config.set', { name: 'relay-bytes-per-second', value: 0 });
    }
    await Promise.all([untilLinks(giver, 2), untilLinks(loader, 2), ...relays.map((relay) => untilLinks(relay, 3))]);

    const byName = new Map<string, Node>();
    for (const relay of relays) byName.set((await relay.client.call('status.get', null)).name, relay);
    const sources = [giver.publicKey];
    const started = jobWhen(loader.client, 'download', ({ bytesDone, sources: [source] }) => {
      return bytesDone > 2 * MIB && source?.relay !== undefined;
    });
    const { job } = await loader.client.call('download.start', { link: links.get('film.mkv')!, directory, sources });
    const carrier = byName.get((await started).sources[0]!.relay!)!;
    assert.ok(carrier !== undefined, 'it says which neighbour carries');
    const { relay } = await carrier.client.call('status.get', null);
    assert.equal(relay?.streams, 1);
    assert.ok((relay?.bytes ?? 0) > 2 * MIB);

    const other = relays.find((each) => each !== carrier)!;
    carrier.process.kill('SIGKILL');
    const done = await jobEnd(loader.client, job, 'download');
    assert.equal(done.state, 'done', done.error?.message);
    assert.equal(digest(await readFile(done.path!)), digest(film));
    assert.ok(((await other.client.call('status.get', null)).relay?.bytes ?? 0) > MIB, 'the rest came by the other');

    const why = jobWhen(loader.client, 'download', ({ sources: [source] }) => source?.unreached !== undefined);
    await other.client.call('config.set', { name: 'relay', value: 'off' });
    const notes = await loader.client.call('download.start', { link: links.get('notes.txt')!, directory, sources });
    assert.equal((await why).sources[0]!.unreached, 'off');
    await loader.client.call('jobs.cancel', { job: notes.job });
  },
);
