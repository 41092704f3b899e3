/**
 * The spine on real parts: processes, Hyperswarm on a loopback DHT, SQLite on disk. A publishes, A and a third of the nodes
 * are killed, C reads.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { PIECE_BYTES } from '../../src-main/core/publish/piece.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';
import type { CommandOutcome } from '../support/spawn.ts';

let practice: Practice;
let publisher: Daemon;
/** What was published while all was well, to be read again when a third of the nodes is gone. */
const published: { readonly path: string; readonly link: string }[] = [];

before(async () => {
  practice = await startPractice(12);
  publisher = await practice.startDaemon('a');
});
after(() => practice.stop());

const publish = async (path: string, ...more: string[]): Promise<CommandOutcome> =>
  runCommand(['publish', path, '--json', '--quiet', ...practice.on('a'), ...more]);
const get = async (link: string, output: string, who = 'c'): Promise<CommandOutcome> =>
  runCommand(['get', link, '--json', '--quiet', '-o', output, ...practice.on(who)]);

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

test('bytes come back equal, for every size about a piece and for three segments', async () => {
  for (const size of [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 12 * 1024 * 1024]) {
    const path = join(practice.directory, `size-${size}.bin`);
    writeFileSync(path, randomBytes(size));
    const sent = await publish(path, '--permanent');
    assert.equal(sent.code, 0, sent.stderr);
    const link = sent.json()['link'] as string;
    assert.match(link, /^broadside:[a-z2-7]{114}$/);
    assert.deepEqual(sent.json()['shares'], { wanted: 10, stored: 10 });
    assert.equal(sent.json()['sizeBytes'], size);
    assert.equal('password' in sent.json(), false);
    const copy = join(practice.directory, `copy-${size}.bin`);
    const got = await get(link, copy);
    assert.equal(got.code, 0, got.stderr);
    assert.equal(await digest(copy), await digest(path));
    assert.equal(got.json()['sizeBytes'], size);
    published.push({ path, link });
  }
});

test('a directory comes back whole, with names in any script; links and devices are left out, not followed', async () => {
  const path = join(practice.directory, 'Сборник ١٩١١');
  const secret = join(practice.directory, 'outside.txt');
  writeFileSync(secret, 'not to be published');
  mkdirSync(join(path, '図版', 'très long'), { recursive: true });
  const files: Record<string, Buffer> = {
    'محاضر.txt': Buffer.from('السلام'),
    'лоция.md': Buffer.from('# Лоция\n'),
    '図版/一.bin': randomBytes(70_000),
    'très long/é#?%.txt': Buffer.from('x'),
    '図版/très long/😀.txt': Buffer.from('smile'),
    empty: Buffer.alloc(0),
  };
  mkdirSync(join(path, 'très long'));
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), bytes);
  symlinkSync(secret, join(path, 'link.txt'));
  symlinkSync(practice.directory, join(path, 'linked-directory'));
  execFileSync('mkfifo', [join(path, 'pipe')]);
  const sent = await publish(path);
  assert.equal(sent.code, 0, sent.stderr);
  assert.ok((sent.json()['password'] as string).split(' ').length >= 7);
  const link = sent.json()['link'] as string;
  const copy = join(practice.directory, 'copy-of-directory');
  const got = await get(link, copy);
  assert.equal(got.code, 0, got.stderr);
  for (const [name, bytes] of Object.entries(files)) assert.deepEqual(readFileSync(join(copy, name)), bytes, name);
  for (const name of ['link.txt', 'linked-directory', 'pipe']) assert.equal(existsSync(join(copy, name)), false, name);
  const one = await get(
    `${link}/${encodeURIComponent('図版')}/${encodeURIComponent('一.bin')}`,
    join(practice.directory, 'one.bin'),
  );
  assert.equal(one.code, 0, one.stderr);
  assert.deepEqual(readFileSync(join(practice.directory, 'one.bin')), files['図版/一.bin']);
});

test('the health of a publication is told share by share', async () => {
  const checked = await runCommand(['check', published[0]!.link, '--json', '--quiet', ...practice.on('c')]);
  assert.equal(checked.code, 0, checked.stderr);
  assert.equal(checked.json()['retrievable'], true);
  const shares = checked.json()['shares'] as { index: number; found: boolean; valid: boolean }[];
  assert.deepEqual(
    shares.map(({ index }) => index),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
  assert.ok(shares.every(({ found, valid }) => found && valid));
});

test('an interrupted retrieval leaves nothing under the final name', async () => {
  const path = join(practice.directory, 'long.bin');
  writeFileSync(path, randomBytes(12 * 1024 * 1024));
  const { job } = await publisher.client.call('publish.start', {
    source: { kind: 'path', path },
    k: 3,
    n: 10,
    class: 'fixed',
  });
  const sent = await jobEnd(publisher.client, job, 'publish');
  assert.equal(sent.state, 'done', sent.error?.message);
  const reader = await practice.startDaemon('interrupted');
  const copy = join(practice.directory, 'interrupted-copy.bin');
  const get = await reader.client.call('get.start', { link: sent.link!, directory: practice.directory, path: copy });
  await new Promise<void>((resolve) => {
    const stop = reader.client.on('job', (seen) => {
      if (seen.id !== get.job || seen.kind !== 'get' || seen.bytesDone === 0) return;
      stop();
      resolve();
    });
  });
  await reader.client.call('jobs.cancel', { job: get.job });
  const ended = await jobEnd(reader.client, get.job, 'get');
  assert.equal(ended.state, 'cancelled');
  assert.equal(existsSync(copy), false);
  assert.deepEqual(
    readdirSync(practice.directory).filter((name) => name.includes('.part')),
    [],
  );
});

test('the publisher and a third of the nodes are killed: another machine still reads', async () => {
  await publisher.kill();
  for (const node of practice.nodes.slice(0, 4)) process.kill(node.pid, 'SIGKILL');
  let read = 0;
  for (const [number, { path, link }] of published.entries()) {
    const copy = join(practice.directory, `after-${number}.bin`);
    const got = await get(link, copy, 'd');
    assert.equal(got.code, 0, got.stderr);
    assert.equal(await digest(copy), await digest(path));
    rmSync(copy);
    read += 1;
  }
  assert.equal(read, published.length);
  assert.ok(read >= 6, 'the one of 12 MiB is among them: check blocks stand in for the blocks that are lost');
});

test('a link to nothing is not found; offline is told from it', async () => {
  const link = published[0]!.link;
  // Another edition of nothing: a link with its own checksum that nobody has published.
  const { formatLink, parseLink } = await import('../../shared/base/links.ts');
  const parsed = parseLink(link);
  assert.ok(parsed.ok);
  const absent = formatLink({ ...parsed.value, readSecret: new Uint8Array(16).fill(1) });
  const got = await get(absent, join(practice.directory, 'nothing'), 'd');
  assert.equal(got.code, 3, got.stderr);
  assert.equal((got.json()['error'] as { code: string }).code, 'not-found');
  assert.equal(got.stderr.trim().split('\n').length, 1);
  // A network of another name: nodes here that knew an earlier owner of this one's port may speak to it unasked.
  const alone = [
    '--data',
    join(practice.directory, 'alone'),
    '--network',
    'practice-nowhere',
    '--bootstrap',
    '127.0.0.1:9',
  ];
  const offline = await runCommand(['get', link, '--json', '--quiet', '-o', join(practice.directory, 'no'), ...alone]);
  assert.equal(offline.code, 4, offline.stderr);
  assert.equal((offline.json()['error'] as { code: string }).code, 'offline');
});
