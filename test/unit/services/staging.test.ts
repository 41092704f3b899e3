import assert from 'node:assert/strict';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { STAGED_PART_BYTES } from '../../../shared/base/staged-parts.ts';
import { GIB } from '../../../shared/base/units.ts';
import { KEPT_MS, MAX_AREAS, Staging } from '../../../src-main/services/staging/staging.ts';
import { survey } from '../../../src-main/services/survey/survey.ts';

const random = {
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
  below: (bound: number) => randomInt(bound),
};
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
async function* chunks(...parts: string[]) {
  for (const part of parts) yield new TextEncoder().encode(part);
}

describe('staging', () => {
  let base = '';
  let count = 0;
  before(async () => {
    base = await mkdtemp(join(tmpdir(), 'broadside-staging-'));
  });
  after(() => rm(base, { recursive: true, force: true }));
  const fresh = (freeBytes: () => number = () => GIB) => {
    count += 1;
    return Staging.open({ directory: join(base, String(count)), random, freeBytes: async () => freeBytes() });
  };
  const filesOf = async (directory: string) =>
    (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());

  it('receives one file as a file and several as a directory', async () => {
    const staging = await fresh();
    const one = await staging.create();
    assert.throws(() => staging.root(one), withCode('usage'));
    assert.deepEqual(await staging.receive(one, 'Été 文.txt', chunks('two ', 'parts'), { sizeBytes: 9 }), {
      sizeBytes: 9,
    });
    const { path, name } = staging.root(one);
    assert.equal(name, 'Été 文.txt');
    assert.equal(await readFile(path, 'utf8'), 'two parts');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await staging.receive(one, 'b/c.txt', chunks('c'));
    const both = staging.root(one);
    assert.equal(both.name, 'Été 文.txt and 1 more');
    assert.deepEqual(
      (await survey(both.path, { name: both.name })).files.map((file) => file.path),
      ['b/c.txt', 'Été 文.txt'],
    );
    const folder = await staging.create();
    await staging.receive(folder, 'photos/a.txt', chunks('a'));
    await staging.receive(folder, 'photos/b.txt', chunks('b'));
    const found = staging.root(folder);
    assert.equal((await survey(found.path, { name: found.name })).title, 'photos');
  });

  it('refuses paths that leave the area or come twice, and publishes nothing of them', async () => {
    const staging = await fresh();
    const id = await staging.create();
    for (const path of ['../evil', '/etc/passwd', 'a/../../b', 'a//b', '', '.', 'a\0', 'a\\b', 'x/'.repeat(70) + 'x']) {
      await assert.rejects(staging.receive(id, path, chunks('x')), withCode('usage'), path);
    }
    await staging.receive(id, 'a', chunks('first'));
    await assert.rejects(staging.receive(id, 'a', chunks('second')), withCode('usage'));
    await assert.rejects(staging.receive(id, 'a/b', chunks('under a file')), withCode('usage'));
    await assert.rejects(staging.receive(id, 'short', chunks('abc'), { sizeBytes: 4 }), withCode('usage'));
    await assert.rejects(staging.receive('0'.repeat(32), 'a', chunks('x')), withCode('not-found'));
    assert.equal(await readFile(staging.root(id).path, 'utf8'), 'first');
    assert.equal((await filesOf(base)).filter((file) => file.parentPath.includes(join(id, 'content'))).length, 1);
  });

  it('stops when the disk gets full and takes away what had come', async () => {
    let free = GIB;
    const staging = await fresh(() => free);
    const id = await staging.create();
    await assert.rejects(staging.receive(id, 'declared', chunks('x'), { sizeBytes: 2 * GIB }), withCode('no-space'));
    async function* large() {
      for (let index = 0; index < 200; index += 1) {
        yield new Uint8Array(1024 * 1024);
        free -= 10 * 1024 * 1024;
      }
    }
    await assert.rejects(staging.receive(id, 'undeclared', large()), withCode('no-space'));
    assert.deepEqual(
      (await filesOf(base)).filter((file) => file.parentPath.includes(id)),
      [],
    );
  });

  it('publishes nothing of an upload that broke off, and goes on with it from the part that is the same', async () => {
    const staging = await fresh();
    const id = await staging.create();
    const content = randomBytes(2 * STAGED_PART_BYTES + 100);
    async function* broken(endBytes: number) {
      yield content.subarray(0, endBytes);
      throw new Error('connection reset');
    }
    const sizeBytes = content.length;
    await assert.rejects(staging.receive(id, 'a', broken(STAGED_PART_BYTES + 7), { sizeBytes }), /connection reset/);
    assert.throws(() => staging.root(id), withCode('usage'));
    const here = await staging.parts(id, 'a', 0);
    assert.deepEqual(here, {
      sizeBytes: STAGED_PART_BYTES + 7,
      isWhole: false,
      digests: [digestOf(content.subarray(0, STAGED_PART_BYTES))],
    });
    await assert.rejects(
      staging.receive(id, 'a', chunks('x'), { sizeBytes, from: 2 * STAGED_PART_BYTES }),
      withCode('usage'),
    );
    async function* rest() {
      yield content.subarray(STAGED_PART_BYTES);
    }
    assert.deepEqual(await staging.receive(id, 'a', rest(), { sizeBytes, from: STAGED_PART_BYTES }), { sizeBytes });
    assert.deepEqual(new Uint8Array(await readFile(staging.root(id).path)), new Uint8Array(content));
    const whole = await staging.parts(id, 'a', 1);
    assert.deepEqual(whole, {
      sizeBytes,
      isWhole: true,
      digests: [STAGED_PART_BYTES, 2 * STAGED_PART_BYTES].map((from) =>
        digestOf(content.subarray(from, Math.min(sizeBytes, from + STAGED_PART_BYTES))),
      ),
    });
    assert.deepEqual(await staging.parts(id, 'never sent', 0), { sizeBytes: 0, isWhole: false, digests: [] });
    await assert.rejects(staging.parts(id, '../a', 0), withCode('usage'));
  });

  it('lets the later of two that send the same file have it, and ends what is sent when it is discarded', async () => {
    const staging = await fresh();
    const id = await staging.create();
    const begun = Promise.withResolvers<void>();
    async function* endless() {
      yield new Uint8Array(10);
      begun.resolve();
      await new Promise(() => undefined);
    }
    const first = staging.receive(id, 'a', endless());
    first.catch(() => undefined);
    await begun.promise;
    assert.deepEqual(await staging.receive(id, 'a', chunks('the second')), { sizeBytes: 10 });
    await assert.rejects(first, withCode('cancelled'));
    assert.equal(await readFile(staging.root(id).path, 'utf8'), 'the second');
    const again = Promise.withResolvers<void>();
    async function* more() {
      yield new Uint8Array(10);
      again.resolve();
      await new Promise(() => undefined);
    }
    const third = staging.receive(id, 'b', more());
    third.catch(() => undefined);
    await again.promise;
    await staging.discard(id);
    await assert.rejects(third, withCode('cancelled'));
    assert.deepEqual(
      (await filesOf(base)).filter((file) => file.parentPath.includes(id)),
      [],
    );
  });

  it('finds what was being sent again after a restart, by what was chosen, for a day', async () => {
    const directory = join(base, 'kept');
    let nowMs = Date.now();
    const open = () => Staging.open({ directory, random, keeps: { now: () => nowMs }, freeBytes: async () => GIB });
    const first = await open();
    const { staging: id, resumed } = await first.stage('choice');
    assert.equal(resumed, false);
    await first.receive(id, 'folder/one.txt', chunks('one'));
    async function* half() {
      yield new Uint8Array(STAGED_PART_BYTES);
      throw new Error('the node was killed');
    }
    await assert.rejects(first.receive(id, 'folder/two.bin', half()), /killed/);
    const unnamed = await first.create();
    await first.receive(unnamed, 'a', chunks('a'));
    const scratch = await first.scratch();
    await first.close();
    assert.deepEqual(await readdir(directory), [id], 'nobody could go on with the others');
    await mkdir(scratch);

    const second = await open();
    assert.deepEqual(await readdir(directory), [id]);
    assert.deepEqual(await second.stage('another choice').then((staged) => staged.resumed), false);
    assert.deepEqual(await second.stage('choice'), { staging: id, resumed: true });
    assert.equal((await second.parts(id, 'folder/one.txt', 0)).isWhole, true);
    assert.equal((await second.parts(id, 'folder/two.bin', 0)).digests.length, 1);
    await second.receive(id, 'folder/two.bin', chunks('rest'), {
      sizeBytes: STAGED_PART_BYTES + 4,
      from: STAGED_PART_BYTES,
    });
    const root = second.root(id);
    assert.deepEqual(
      (await survey(root.path, { name: root.name })).files.map((file) => [file.path, file.sizeBytes]),
      [
        ['one.txt', 3],
        ['two.bin', STAGED_PART_BYTES + 4],
      ],
    );
    await second.close();
    nowMs += KEPT_MS + 60_000;
    const third = await open();
    assert.deepEqual(await readdir(directory), [], 'nobody came back');
    assert.equal((await third.stage('choice')).resumed, false);
    await third.close();
    await Staging.open({ directory, random });
    assert.deepEqual(await readdir(directory), [], 'nothing stays where nothing is kept');
  });

  it('makes room for what is wanted now among what an earlier run left', async () => {
    const directory = join(base, 'full');
    const open = () => Staging.open({ directory, random, keeps: { now: Date.now }, freeBytes: async () => GIB });
    const first = await open();
    for (let index = 0; index < MAX_AREAS; index += 1) await first.stage(`choice ${index}`);
    await assert.rejects(first.stage('one more'), withCode('busy'));
    await first.close();
    const second = await open();
    assert.equal((await second.stage('choice 3')).resumed, true);
    assert.equal((await second.stage('one more')).resumed, false);
    assert.equal((await second.stage('choice 3')).resumed, true);
    assert.equal((await readdir(directory)).length, MAX_AREAS);
  });

  it('bounds areas, holds one that is published, and empties at start and end', async () => {
    const staging = await fresh();
    const ids = [];
    for (let index = 0; index < MAX_AREAS; index += 1) ids.push(await staging.create());
    await assert.rejects(staging.create(), withCode('busy'));
    const id = ids[0]!;
    await staging.receive(id, 'a', chunks('a'));
    staging.hold(id);
    await assert.rejects(staging.discard(id), withCode('busy'));
    await assert.rejects(staging.receive(id, 'b', chunks('b')), withCode('busy'));
    assert.throws(() => staging.hold(id), withCode('busy'));
    staging.release(id);
    await staging.discard(id);
    await staging.discard(id);
    assert.throws(() => staging.root(id), withCode('not-found'));
    await staging.close();
    const left = join(base, 'left');
    await mkdir(join(left, 'old'), { recursive: true });
    await writeFile(join(left, 'old', 'file'), 'x');
    await Staging.open({ directory: left, random });
    assert.deepEqual(await readdir(left), []);
  });
});
