/**
 * Each exit code by a real process, most of all those that a healthy network does not show: on a network whose nodes are full, hold shares
 * that are wrong, or hold tombstones. The nodes are in this process; transport, command line and records are real.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { EXIT_CODES } from '../../shared/base/errors.ts';
import { formatFileLink } from '../../shared/base/file-links.ts';
import { makeSlot } from '../../src-main/core/publish/slot.ts';
import { MAX_RUNNING_JOBS } from '../../src-main/services/jobs/job-registry.ts';
import type { NodeService } from '../../src-main/services/node/node-service.ts';
import { lockDataDirectory } from '../../src-main/storage/files/data-lock.ts';
import { createMemoryBlockStore } from '../../src-main/storage/memory/block-store.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from '../support/mesh.ts';
import { startNode } from '../support/nodes.ts';
import { buildPublication } from '../support/publication-builder.ts';
import type { BuiltPublication } from '../support/publication-builder.ts';
import { connectDaemon } from '../support/practice.ts';
import { runCommand, startDaemon } from '../support/spawn.ts';
import type { CommandOptions, CommandOutcome } from '../support/spawn.ts';

const random = createSystemRandom();
const NETWORK = 'practice-exit-codes';
const FULL_NETWORK = 'practice-full';
let directory: string;
let dht: Awaited<ReturnType<typeof startBootstrapper>>;
const nodes: NodeService[] = [];
/** Of all commands below. */
const seen = new Set<number>();

before(async () => {
  directory = mkdtempSync(join(tmpdir(), 'broadside-exit-'));
  dht = await startBootstrapper();
  for (let count = 0; count < 3; count += 1) nodes.push(await startNode(NETWORK, dht.bootstrap[0]!));
  for (let count = 0; count < 2; count += 1) {
    nodes.push(await startNode(FULL_NETWORK, dht.bootstrap[0]!, createMemoryBlockStore({ quotaBytes: 1_000 })));
  }
  for (const node of nodes) assert.ok(await node.waitForLinks(1, 60_000));
});
after(async () => {
  for (const node of nodes) await node.stop();
  await dht.stop();
  rmSync(directory, { recursive: true, force: true });
});

const on = (name: string, network = NETWORK): string[] => [
  ...['--data', join(directory, name), '--network', network, '--bootstrap', dht.bootstrap[0]!, '--json', '--quiet'],
];

async function insertAll(publication: BuiltPublication, slots = publication.slots): Promise<void> {
  for (const record of [...publication.blocks, ...slots]) {
    const outcome = await nodes[0]!.insert(record, { priority: 'bulk' });
    assert.ok(outcome.ok);
  }
}

async function failsWith(
  args: readonly string[],
  exitCode: number,
  code: string,
  words: RegExp,
  options: CommandOptions = {},
): Promise<CommandOutcome> {
  const outcome = await runCommand(args, options);
  seen.add(outcome.code);
  assert.equal(outcome.code, exitCode, outcome.stderr);
  const { error } = outcome.json<{ error: { code: string; message: string } }>();
  assert.equal(error.code, code);
  assert.match(error.message, words);
  assert.equal(outcome.stderr.trim().split('\n').length, 1, outcome.stderr);
  return outcome;
}

interface Checked {
  readonly retrievable: boolean;
  readonly shares: readonly { readonly index: number; readonly found: boolean; readonly valid: boolean }[];
  readonly blocks: { readonly sampled: number; readonly found: number };
}

/** `check` is done whatever it saw: `retrievable` says how it came out. */
async function unretrievable(link: string): Promise<Checked> {
  const { code, stderr, json } = await runCommand(['check', link, ...on('reader')]);
  seen.add(code);
  assert.equal(code, 0, stderr);
  const checked = json<Checked & object>();
  assert.equal(checked.retrievable, false);
  assert.equal(checked.shares.length, 10);
  return checked;
}

test('a network whose nodes are all full: exit 11, and what to do', async () => {
  const path = join(directory, 'document.txt');
  writeFileSync(path, 'nowhere to go');
  await failsWith(['publish', path, ...on('full', FULL_NETWORK)], 11, 'no-space', /full|room|space/i);
});

test('too many wrong shares: exit 6, and which they are', async () => {
  const wrongShares = [1, 2, 3, 4, 5, 6, 7, 8];
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) }, wrongShares });
  await insertAll(publication);
  await failsWith(['get', publication.text, '-o', join(directory, 'a'), ...on('reader')], 6, 'damaged', /share/i);
  const { shares } = await unretrievable(publication.text);
  assert.ok(shares.every(({ found }) => found));
});

test('a tombstone: exit 8, deleted by its publisher', async () => {
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) } });
  await insertAll(publication);
  const version = { counter: 2, tie: random.bytes(8) };
  const tombstones = publication.places.map((place) =>
    makeSlot(crypto, random, publication.keys.secretKey, place, version, {
      k: publication.link.k,
      n: publication.link.n,
      index: place.index,
      edition: 1,
      kdf: publication.kdf,
      names: publication.names,
      body: { kind: 'deleted' },
    }),
  );
  await insertAll(publication, tombstones);
  await failsWith(['get', publication.text, '-o', join(directory, 'b'), ...on('reader')], 8, 'deleted', /deleted/i);
  await failsWith(['check', publication.text, ...on('reader')], 8, 'deleted', /deleted/i);
});

test('no k of the shares are there: exit 3, with how many are', async () => {
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(100) } });
  await insertAll(publication, publication.slots.slice(0, 2));
  await failsWith(['get', publication.text, '-o', join(directory, 'c'), ...on('reader')], 3, 'not-found', /2/);
  const { shares } = await unretrievable(publication.text);
  assert.equal(shares.filter(({ found }) => found).length, 2);
});

test('all shares are there and none of the blocks: checked, and not retrievable; whole, it is', async () => {
  const publication = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(200_000).fill(3) } });
  for (const slot of publication.slots) assert.ok((await nodes[0]!.insert(slot, { priority: 'bulk' })).ok);
  const { blocks } = await unretrievable(publication.text);
  assert.deepEqual([blocks.sampled > 0, blocks.found], [true, 0]);
  await insertAll(publication);
  const { code, stderr, json } = await runCommand(['check', publication.text, ...on('reader')]);
  seen.add(code);
  assert.equal(code, 0, stderr);
  assert.equal(json<Checked & object>().retrievable, true);
});

test('a node that has as much to do as it takes: exit 5, try later', async () => {
  const daemon = await startDaemon(join(directory, 'busy'), ['--quiet', ...on('busy').slice(2, 6)]);
  const client = await connectDaemon(new URL(daemon.ready.url));
  try {
    for (let job = 0; job < MAX_RUNNING_JOBS; job += 1) {
      const link = formatFileLink({ root: random.bytes(32), name: `${job}.bin`, sizeBytes: 100_000 });
      await client.call('download.start', { link, directory, path: join(directory, `${job}.bin`) });
    }
    const link = formatFileLink({ root: random.bytes(32), name: 'one-more.bin', sizeBytes: 100_000 });
    const to = join(directory, 'one-more.bin');
    await failsWith(['download', link, '-o', to, ...on('busy')], 5, 'busy', /Wait until one has ended/);
  } finally {
    client.close();
    await daemon.stop();
  }
});

test('what cannot be: exits 2, 7 and 9, before a node is started', async () => {
  const link = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(1) }, class: 3 }).text;
  const password = join(directory, 'password');
  writeFileSync(password, 'harbour tide lantern gravel winter copper\n');
  await failsWith(['update', link, '.', ...on('none')], 9, 'refused', /permanent/i);
  await failsWith(['delete', link, '--password-file', password, ...on('none')], 9, 'refused', /permanent/i);
  await failsWith(['check', 'broadside:aaaa', ...on('none')], 7, 'bad-link', /link/i);
  await failsWith(['check', ...on('none')], 2, 'usage', /too few arguments/);
  assert.ok(!readdirSync(directory).includes('none'));
});

test('nobody is there: exit 4, after a while; a data directory in use: exit 10, by whom', async () => {
  const data = join(directory, 'alone');
  const alone = ['--data', data, '--network', 'practice-nobody', '--bootstrap', '127.0.0.1:9', '--json', '--quiet'];
  const link = buildPublication({ crypto, random, files: { 'a.txt': new Uint8Array(1) } }).text;
  await failsWith(['check', link, ...alone], 4, 'offline', /No other node was found/);
  const lock = lockDataDirectory(data);
  writeFileSync(join(data, 'holder.json'), JSON.stringify({ pid: 77, what: 'the daemon' }));
  await failsWith(['status', ...alone], 10, 'data-in-use', /in use by the daemon \(process 77\)/);
  lock.release();
});

test('an identity that the disk has changed: exit 6, and what to do, instead of another identity', async () => {
  const path = join(directory, 'alone', 'identity.key');
  const whole = readFileSync(path);
  const changed = Buffer.from(whole);
  changed[7]! ^= 4;
  writeFileSync(path, changed);
  const status = ['status', '--data', join(directory, 'alone'), '--json', '--quiet'];
  await failsWith(status, 6, 'damaged', /identity\.key is damaged.*Put it back from a copy/);
  assert.deepEqual(readFileSync(path), changed, 'nothing is made in its place');
  writeFileSync(path, whole);
  assert.equal((await runCommand(status)).code, 0);
});

/** Throws where nobody catches it, once the command runs. */
const DEFECT = `data:text/javascript,${encodeURIComponent(`
  import { isMainThread } from 'node:worker_threads';
  const timer = isMainThread && setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new Error('the tide is out');
  }, 5);
`)}`;

test('a defect: exit 1, with a report and no stack trace', async () => {
  const data = join(directory, 'defect');
  const env = { ...process.env, NODE_OPTIONS: `--import ${JSON.stringify(DEFECT)}` };
  const args = ['status', '--data', data, '--network', 'practice-nobody', '--bootstrap', '127.0.0.1:9', '--json'];
  const { stderr } = await failsWith([...args, '--quiet'], 1, 'unexpected', /the tide is out.*report/, { env });
  assert.doesNotMatch(stderr, /^\s+at /m);
  const [report, ...others] = readdirSync(join(data, 'reports'));
  assert.deepEqual(others, []);
  assert.match(readFileSync(join(data, 'reports', report!), 'utf8'), /command: status[^]*the tide is out\n\s+at /);
});

test('these are all exit codes that there are', () => {
  const codes = new Set(Object.values(EXIT_CODES));
  codes.delete(EXIT_CODES.cancelled);
  assert.deepEqual(
    [...seen].toSorted((a, b) => a - b),
    [0, ...[...codes].toSorted((a, b) => a - b)],
  );
});
