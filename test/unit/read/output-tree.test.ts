import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { diskError } from '../../../src-main/services/read/output-disk.ts';
import { OutputTree, chooseTarget } from '../../../src-main/services/read/output-tree.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { seededRandom } from '../../support/seeded-random.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'broadside-output-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const random = seededRandom(5);
const withCode = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;

async function put(tree: OutputTree, path: string, text: string): Promise<void> {
  const file = await tree.createFile(path);
  await file.write(text);
  await tree.closeFile(file);
}

describe('the target', () => {
  it('is inside an existing directory, or the name given', async () => {
    assert.deepEqual(await chooseTarget(directory, undefined), { directory });
    assert.deepEqual(await chooseTarget(directory, '.'), { directory });
    assert.deepEqual(await chooseTarget(directory, 'new.txt'), { directory, name: 'new.txt' });
    await mkdir(join(directory, 'sub'));
    assert.deepEqual(await chooseTarget(directory, 'sub'), { directory: join(directory, 'sub') });
  });

  it('is refused where there is no directory for it, or no file to replace', async () => {
    for (const path of ['missing/new.txt', 'new/', '', '/dev/null']) {
      await assert.rejects(chooseTarget(directory, path), withCode('usage'), path);
    }
    await assert.rejects(chooseTarget(join(directory, 'missing'), undefined), withCode('usage'));
  });
});

describe('a file', () => {
  it('has a temporary name until it is finished', async () => {
    const tree = await OutputTree.create({ directory }, 'a.txt', 'file', random);
    await put(tree, '', 'hello');
    const during = await readdir(directory);
    assert.equal(during.length, 1);
    assert.match(during[0]!, new RegExp(`^\\.a\\.txt\\.${process.pid}-[0-9a-f]{8}\\.part$`));
    assert.equal(await tree.finish(), join(directory, 'a.txt'));
    assert.deepEqual(await readdir(directory), ['a.txt']);
    assert.equal(await readFile(join(directory, 'a.txt'), 'utf8'), 'hello');
  });

  it('leaves nothing when discarded', async () => {
    const tree = await OutputTree.create({ directory }, 'a.txt', 'file', random);
    await put(tree, '', 'hello');
    await tree.discard();
    assert.deepEqual(await readdir(directory), []);
  });

  it('replaces one of the name that was given, and never another', async () => {
    await writeFile(join(directory, 'a.txt'), 'old');
    await assert.rejects(OutputTree.create({ directory }, 'a.txt', 'file', random), withCode('usage'));
    const tree = await OutputTree.create({ directory, name: 'a.txt' }, 'own.txt', 'file', random);
    await put(tree, '', 'new');
    assert.equal(await readFile(join(directory, 'a.txt'), 'utf8'), 'old');
    await tree.finish();
    assert.equal(await readFile(join(directory, 'a.txt'), 'utf8'), 'new');
  });

  it('does not replace what came while it was written', async () => {
    const tree = await OutputTree.create({ directory }, 'a.txt', 'file', random);
    await put(tree, '', 'new');
    await writeFile(join(directory, 'a.txt'), 'theirs');
    await assert.rejects(tree.finish(), withCode('usage'));
    await tree.discard();
    assert.equal(await readFile(join(directory, 'a.txt'), 'utf8'), 'theirs');
    assert.deepEqual(await readdir(directory), ['a.txt']);
  });
});

describe('a directory', () => {
  it('appears whole', async () => {
    const tree = await OutputTree.create({ directory }, 'site', 'directory', random);
    await put(tree, 'index.html', 'i');
    await put(tree, 'deep/er/a.txt', 'a');
    await put(tree, 'deep/er/b.txt', 'b');
    assert.equal((await readdir(directory)).includes('site'), false);
    await tree.finish();
    assert.deepEqual((await readdir(join(directory, 'site'), { recursive: true })).sort(), [
      'deep',
      'deep/er',
      'deep/er/a.txt',
      'deep/er/b.txt',
      'index.html',
    ]);
    assert.deepEqual(await readdir(directory), ['site']);
  });

  it('never takes a name that is there', async () => {
    await mkdir(join(directory, 'site'));
    await assert.rejects(OutputTree.create({ directory }, 'site', 'directory', random), withCode('usage'));
    await writeFile(join(directory, 'file'), '');
    await assert.rejects(OutputTree.create({ directory, name: 'file' }, 'x', 'directory', random), withCode('usage'));
  });

  it('refuses paths that lead out of it', async () => {
    const tree = await OutputTree.create({ directory }, 'site', 'directory', random);
    for (const path of ['../a', 'a/../../b', '/etc/a', 'a//b', '.', 'a/.', 'a\0b']) {
      await assert.rejects(tree.createFile(path), withCode('damaged'), JSON.stringify(path));
    }
    await tree.discard();
    assert.deepEqual(await readdir(directory), []);
  });

  it('follows no symbolic link that was put into it', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'broadside-outside-'));
    const tree = await OutputTree.create({ directory }, 'site', 'directory', random);
    await put(tree, 'sub/a.txt', 'a');
    const temporary = join(directory, (await readdir(directory))[0]!);
    await rm(join(temporary, 'sub'), { recursive: true });
    await symlink(outside, join(temporary, 'sub'));
    await symlink(join(outside, 'b.txt'), join(temporary, 'b.txt'));
    await assert.rejects(tree.createFile('sub/c.txt'), withCode('damaged'));
    await put(tree, 'b.txt', 'b');
    assert.deepEqual(await readdir(outside), []);
    await tree.discard();
    await rm(outside, { recursive: true });
  });

  it('keeps both of two names that the platform maps to one', async () => {
    const tree = await OutputTree.create({ directory }, 'site', 'directory', random, 'win32');
    await put(tree, 'a?.txt', '1');
    await put(tree, 'a*.txt', '2');
    await put(tree, 'd?/x', '3');
    await put(tree, 'd*/x', '4');
    const path = await tree.finish();
    assert.deepEqual((await readdir(path, { recursive: true })).sort(), [
      'a_ (2).txt',
      'a_.txt',
      'd_',
      'd_ (2)',
      'd_ (2)/x',
      'd_/x',
    ]);
    assert.equal(await readFile(join(path, 'd_ (2)/x'), 'utf8'), '4');
  });
});

it('names its own name for what its temporary name has room', async () => {
  const name = 'x'.repeat(255);
  const tree = await OutputTree.create({ directory }, name, 'file', random);
  await put(tree, '', 'long');
  await tree.finish();
  assert.deepEqual(await readdir(directory), [name]);
});

it('a full disk is no-space, a forbidden place is usage', () => {
  const failing = (code: string) => diskError(Object.assign(new Error(code), { code }), '/x');
  assert.ok(withCode('no-space')(failing('ENOSPC')));
  assert.ok(withCode('no-space')(failing('EDQUOT')));
  assert.ok(withCode('usage')(failing('EACCES')));
  assert.ok(!(failing('EIO') instanceof BroadsideError));
});
