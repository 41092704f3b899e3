/** A shared file on its way to a real disk: what is held, what another run finds, and what it says when it cannot be. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { hasBit } from '../../../src-main/core/transfer/piece-map.ts';
import { FileTreeBuilder, HASH_BYTES, MIN_CHUNK_BYTES } from '../../../src-main/core/transfer/tree.ts';
import { FilePart } from '../../../src-main/services/transfers/file-part.ts';
import { lockDataDirectory } from '../../../src-main/storage/files/data-lock.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../src-main/workers/sodium/random.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const crypto = createSodiumCrypto();
const bytes = new Uint8Array(randomBytes(3 * MIN_CHUNK_BYTES + 100));
const builder = new FileTreeBuilder(crypto, bytes.length);
builder.add(bytes);
const { root, hashes } = builder.finish();
let base: string;
let directory: string;

before(async () => {
  base = await mkdtemp(join(tmpdir(), 'broadside-part-'));
});
after(() => rm(base, { recursive: true, force: true }));
beforeEach(async () => {
  directory = await mkdtemp(join(base, 'target-'));
});

const open = (path?: string): Promise<FilePart> =>
  FilePart.open({
    crypto,
    random: createSystemRandom(),
    clock: new ManualClock(),
    root,
    ownName: 'film.mkv',
    directory,
    path,
    platform: 'linux',
    lock: lockDataDirectory,
  });
const chunkOf = (chunk: number): Uint8Array => bytes.slice(chunk * MIN_CHUNK_BYTES, (chunk + 1) * MIN_CHUNK_BYTES);
const hashOf = (chunk: number): Uint8Array => hashes.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
const is = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

async function begun(): Promise<FilePart> {
  const part = await open();
  part.proved(bytes.length);
  part.page({ level: 0, index: 0 }, hashes);
  return part;
}

test('what was stored is there for another run, with its hashes, and no more than that', async () => {
  const first = await begun();
  for (const chunk of [0, 2]) assert.equal(await first.store(chunk, chunkOf(chunk), hashOf(chunk)), 'stored');
  assert.deepEqual(await first.readChunk(2), chunkOf(2));
  await first.leave();
  assert.deepEqual(
    (await readdir(directory)).filter((name) => !name.startsWith('.')),
    [],
    'nothing under its name',
  );
  const second = await open();
  const held = await second.held();
  assert.equal(held?.sizeBytes, bytes.length);
  assert.deepEqual(
    [0, 1, 2, 3].map((chunk) => hasBit(held!.bitmap, chunk)),
    [true, false, true, false],
  );
  assert.deepEqual(held!.pages, [{ at: { level: 0, index: 0 }, hashes }]);
  for (const chunk of [1, 3]) assert.equal(await second.store(chunk, chunkOf(chunk), hashOf(chunk)), 'stored');
  assert.equal(await second.finish(), join(directory, 'film.mkv'));
  assert.deepEqual(new Uint8Array(await readFile(join(directory, 'film.mkv'))), bytes);
  assert.deepEqual(await readdir(directory), ['film.mkv']);
});

test('what is not as its hash says is not written', async () => {
  const part = await begun();
  assert.equal(await part.store(1, chunkOf(2), hashOf(1)), 'bad');
  await part.store(0, chunkOf(0), hashOf(0));
  assert.deepEqual(await part.readChunk(1), new Uint8Array(MIN_CHUNK_BYTES));
  await part.leave();
  const again = await open();
  assert.equal(hasBit((await again.held())!.bitmap, 1), false);
  await again.remove();
  assert.deepEqual(await readdir(directory), []);
});

test('what was cut off while it was being made is begun anew', async () => {
  await (await begun()).leave();
  const [name] = await readdir(directory);
  for (const [file, content] of [
    ['size', '12x'],
    ['held', 'too long by far'],
  ] as const) {
    await writeFile(join(directory, name!, file), content);
    const part = await open();
    assert.equal(await part.held(), undefined, file);
    part.proved(bytes.length);
    assert.equal(await part.store(0, chunkOf(0), hashOf(0)), 'stored');
    await part.leave();
  }
});

test('a file that the disk has no room for says so, and leaves nothing that pretends', async () => {
  const part = await open();
  part.proved(2 ** 52);
  await assert.rejects(part.store(0, chunkOf(0), hashOf(0)), is('no-space'));
  assert.equal(part.hasSome, false);
  await part.remove();
  assert.deepEqual(await readdir(directory), []);
});

test('two to one place at once: the second is told, and the first goes on', async () => {
  const part = await begun();
  await assert.rejects(open(), is('busy'));
  assert.equal(await part.store(0, chunkOf(0), hashOf(0)), 'stored');
  await part.remove();
});

test('a name that is taken is not replaced, unless the person gave it', async () => {
  await writeFile(join(directory, 'film.mkv'), 'mine');
  await assert.rejects(open(), is('usage'));
  await mkdir(join(directory, 'sub'));
  await (await open(join(directory, 'sub'))).remove();
  assert.equal(await readFile(join(directory, 'film.mkv'), 'utf8'), 'mine');
});
