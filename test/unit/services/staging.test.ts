import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { GIB } from '../../../shared/base/units.ts';
import { MAX_AREAS, Staging } from '../../../src-main/services/staging/staging.ts';
import { survey } from '../../../src-main/services/survey/survey.ts';

const random = {
  bytes: (length: number) => new Uint8Array(randomBytes(length)),
  below: (bound: number) => randomInt(bound),
};
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;
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

  it('refuses paths that leave the area or come twice, and keeps nothing of them', async () => {
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
    assert.equal((await filesOf(base)).filter((file) => file.parentPath.includes(id)).length, 1);
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

  it('keeps nothing of an upload that breaks off', async () => {
    const staging = await fresh();
    const id = await staging.create();
    async function* broken() {
      yield new Uint8Array(10);
      throw new Error('connection reset');
    }
    await assert.rejects(staging.receive(id, 'a', broken()), /connection reset/);
    assert.throws(() => staging.root(id), withCode('usage'));
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
