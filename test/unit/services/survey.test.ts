import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { pathProblem } from '../../../src-main/services/survey/path.ts';
import { survey } from '../../../src-main/services/survey/survey.ts';
import { titleFromName, titleInText } from '../../../src-main/services/survey/title.ts';
import { sniffType } from '../../../src-main/services/survey/type.ts';

const PNG = Uint8Array.from(
  Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  ),
);
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('survey', () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'broadside-survey-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const fresh = async (name: string) => {
    const path = join(directory, name);
    await mkdir(path, { recursive: true });
    return path;
  };

  it('describes one file by its content and name', async () => {
    const path = join(directory, 'Plate I.png');
    await writeFile(path, PNG);
    const found = await survey(path);
    assert.equal(found.shape, 'file');
    assert.equal(found.title, 'Plate I');
    assert.deepEqual(
      found.files.map(({ path: name, type, sizeBytes }) => ({ name, type, sizeBytes })),
      [{ name: 'Plate I.png', type: 'image/png', sizeBytes: PNG.length }],
    );
  });

  it('takes the title of a site from its index', async () => {
    const path = await fresh('site');
    await mkdir(join(path, 'css'));
    await writeFile(join(path, 'index.html'), '<!doctype html><title>Evidence &amp; minutes</title><p>Words');
    await writeFile(join(path, 'css', 'a.css'), 'body { color: red }');
    const found = await survey(path);
    assert.equal(found.shape, 'site');
    assert.equal(found.index, 'index.html');
    assert.equal(found.title, 'Evidence & minutes');
    assert.deepEqual(
      found.files.map((file) => [file.path, file.type]),
      [
        ['css/a.css', 'text/css'],
        ['index.html', 'text/html'],
      ],
    );
  });

  it('keeps names of any script, composed or not, as they are', async () => {
    const path = await fresh('names');
    const names = [
      'протокол.txt',
      '文書.txt',
      'مستند.txt',
      'e\u0301te\u0301.txt',
      '\u00e9t\u00e9.txt',
      '🗞.txt',
      ' lead and trail .txt',
      '100%.txt',
      '.hidden',
      'a#b?c.txt',
    ];
    for (const name of names) await writeFile(join(path, name), 'x');
    const found = await survey(path);
    assert.equal(found.shape, 'directory');
    assert.deepEqual(found.files.map((file) => file.path).toSorted(), names.toSorted());
    assert.deepEqual(found.refused, []);
  });

  it('leaves out what is no regular file, what systems write and names that are not UTF-8, and says so', async () => {
    const path = await fresh('mixed');
    await writeFile(join(path, 'real.txt'), 'x');
    await symlink('/etc/passwd', join(path, 'link.txt'));
    await symlink('/etc', join(path, 'directory-link'));
    execFileSync('mkfifo', [join(path, 'pipe')]);
    await writeFile(join(path, '.DS_Store'), 'x');
    await mkdir(join(path, '.git'));
    await writeFile(join(path, '.git', 'config'), 'secret');
    await writeFile(join(path, 'line\nbreak.txt'), 'x');
    writeFileSync(Buffer.concat([Buffer.from(`${path}/bad`), Buffer.from([0xff]), Buffer.from('.txt')]), 'x');
    const found = await survey(path);
    assert.deepEqual(
      found.files.map((file) => file.path),
      ['real.txt'],
    );
    const reasons = Object.fromEntries(found.refused.map((refusal) => [refusal.path, refusal.reason]));
    assert.match(reasons['link.txt']!, /symbolic link/);
    assert.match(reasons['directory-link']!, /symbolic link/);
    assert.match(reasons['pipe']!, /pipe/);
    assert.match(reasons['bad\u00ff.txt']!, /UTF-8/);
    assert.match(reasons['line\nbreak.txt']!, /control character/);
    assert.ok('.DS_Store' in reasons && '.git' in reasons);
    assert.equal(found.refused.length, 7);
  });

  it('refuses a root that is missing, a link, a pipe or empty, in words', async () => {
    const path = await fresh('roots');
    await symlink(directory, join(path, 'link'));
    execFileSync('mkfifo', [join(path, 'pipe')]);
    await mkdir(join(path, 'empty'));
    for (const [name, pattern] of [
      ['missing', /no file/],
      ['link', /symbolic link/],
      ['pipe', /pipe/],
      ['empty', /no file to publish/],
    ] as const) {
      await assert.rejects(
        survey(join(path, name)),
        (thrown) => thrown instanceof BroadsideError && thrown.code === 'usage' && pattern.test(thrown.message),
      );
    }
  });

  it('names a file that may not be read', { skip: process.platform === 'win32' }, async () => {
    const path = await fresh('unreadable');
    await writeFile(join(path, 'secret.txt'), 'x');
    await chmod(join(path, 'secret.txt'), 0);
    await chmod(directory, 0o755);
    const module = new URL('../../../src-main/services/survey/survey.ts', import.meta.url).href;
    const program = `
      const { survey } = await import(${JSON.stringify(module)});
      await survey(${JSON.stringify(path)}).then(() => console.log('read'), (error) => console.log(error.code, error.message));
    `;
    // The superuser may read anything, so another user tries.
    const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', program], {
      ...asNobody,
      env: {},
      encoding: 'utf8',
    });
    assert.match(said, /^usage secret\.txt cannot be read: you have no permission/);
  });

  it('refuses folders that are too deep', async () => {
    const path = await fresh('deep');
    const deep = Array.from({ length: 70 }, () => 'd').join('/');
    await mkdir(join(path, deep), { recursive: true });
    await writeFile(join(path, deep, 'far.txt'), 'x');
    await writeFile(join(path, 'near.txt'), 'x');
    const found = await survey(path);
    assert.deepEqual(
      found.files.map((file) => file.path),
      ['near.txt'],
    );
    assert.match(found.refused[0]!.reason, /deep/);
  });
});

describe('types', () => {
  it('believes the bytes before the name, and the name only for text', async () => {
    assert.equal(await sniffType('a.txt', PNG, true), 'image/png');
    assert.equal(await sniffType('a.md', utf8('# Words'), true), 'text/markdown');
    assert.equal(await sniffType('a', utf8('plain words'), true), 'text/plain');
    assert.equal(
      await sniffType('a.svg', utf8('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), true),
      'image/svg+xml',
    );
    assert.equal(await sniffType('a.html', Uint8Array.of(0xff, 0xfe, 0x00, 0x01), true), 'application/octet-stream');
    assert.equal(await sniffType('a.json', utf8('{}'), true), 'application/json');
    assert.equal(await sniffType('a.csv', utf8('a,b'), true), 'text/csv');
    assert.equal(await sniffType('empty', new Uint8Array(0), true), 'text/plain');
    assert.equal(await sniffType('x.pdf', utf8('%PDF-1.7\n'), true), 'application/pdf');
    assert.equal(await sniffType('__proto__', Uint8Array.of(0), true), 'application/octet-stream');
  });

  it('allows a character to be cut at the end of a sample only', async () => {
    const cut = utf8('wörter').subarray(0, 2);
    assert.equal(await sniffType('a.txt', cut, false), 'text/plain');
    assert.equal(await sniffType('a.txt', cut, true), 'application/octet-stream');
  });
});

describe('titles and paths', () => {
  it('finds headings', () => {
    assert.equal(titleInText('text/markdown', 'words\n\n## *Second* heading ##\n'), 'Second heading');
    assert.equal(titleInText('text/html', '<h1>One\n two</h1>'), 'One two');
    assert.equal(titleInText('text/html', '<title> </title>'), undefined);
    assert.equal(titleInText('text/plain', '# no'), undefined);
    assert.equal(titleFromName('.hidden', true), '.hidden');
    assert.equal(titleFromName('v1.2', false), 'v1.2');
    assert.ok(titleFromName('x'.repeat(2000), false).length <= 512);
  });

  it('refuses paths that leave their folder or cannot be in a link', () => {
    for (const bad of [
      '',
      '/a',
      'a/',
      'a//b',
      '.',
      '..',
      'a/../b',
      'a\0b',
      'a\ud800',
      'x'.repeat(1025),
      'a\\b',
      'a\u0085',
    ]) {
      assert.notEqual(pathProblem(bad), undefined, JSON.stringify(bad));
    }
    for (const good of ['a', 'a/b', '...', 'ü', 'a b', '..a']) assert.equal(pathProblem(good), undefined, good);
  });
});
