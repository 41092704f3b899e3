import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync, readdirSync, readFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import {
  dataDirectoryAt,
  defaultDataDirectory,
  ensureDataDirectory,
  writeOwnerFile,
} from '../../../src-main/host/data-directory.ts';
import {
  isToken,
  siteOfHost,
  tokenOfAuthorization,
  tokenOfSubprotocols,
} from '../../../src-main/host/headless/access.ts';
import { oneLine, printable } from '../../../src-main/host/cli/output.ts';
import { reportText, withoutSecrets, writeReport } from '../../../src-main/host/cli/report.ts';
import { COMMANDS } from '../../../src-main/host/cli/command-table.ts';
import { commandHelp, generalHelp, readArguments, usageOf, wholeNumber } from '../../../src-main/host/cli/usage.ts';
import { readPassword } from '../../../src-main/host/cli/password-file.ts';
import { formatSeconds } from '../../../src-main/host/cli/progress.ts';
import { formatSize } from '../../../shared/base/size.ts';

const root = mkdtempSync(join(tmpdir(), 'broadside-host-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('the data directory', () => {
  it('is where each system keeps such data', () => {
    assert.equal(defaultDataDirectory('linux', { XDG_DATA_HOME: '/x' }), '/x/broadside');
    assert.equal(
      defaultDataDirectory('linux', { XDG_DATA_HOME: 'relative' }),
      join(homedir(), '.local/share/broadside'),
    );
    assert.equal(defaultDataDirectory('linux', {}), join(homedir(), '.local/share/broadside'));
    assert.equal(defaultDataDirectory('darwin', {}), join(homedir(), 'Library/Application Support/Broadside'));
    assert.equal(defaultDataDirectory('win32', { APPDATA: 'C' }), join('C', 'Broadside'));
  });

  it('is its owner’s alone, also when it was there before', () => {
    const directory = dataDirectoryAt(join(root, 'data'));
    mkdirSync(directory.path, { mode: 0o755 });
    ensureDataDirectory(directory);
    assert.equal(statSync(directory.path).mode & 0o777, 0o700);
    writeFileSync(join(root, 'file'), '');
    assert.throws(() => ensureDataDirectory(dataDirectoryAt(join(root, 'file'))), { code: 'usage' });
    assert.throws(() => ensureDataDirectory(dataDirectoryAt(join(root, 'file', 'below'))), { code: 'usage' });
  });

  it('a file for its owner is whole or not there', () => {
    const path = join(root, 'owner');
    writeOwnerFile(path, 'one');
    writeOwnerFile(path, 'two');
    assert.equal(readFileSync(path, 'utf8'), 'two');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.throws(() => writeOwnerFile(join(root, 'none', 'x'), 'x'));
    assert.deepEqual(
      readdirSync(root).filter((name) => name.includes('.new')),
      [],
    );
  });
});

describe('arguments', () => {
  const publish = usageOf('publish')!;
  it('are read strictly', () => {
    const args = readArguments('publish', publish, [
      'path',
      '-k',
      '2',
      '-n=4',
      '--bootstrap',
      'a:1',
      '--bootstrap',
      'b:2',
      '--json',
    ]);
    assert.deepEqual(args.positionals, ['path']);
    assert.equal(args.text('k'), '2');
    assert.deepEqual(args.texts('bootstrap'), ['a:1', 'b:2']);
    assert.equal(args.flag('json'), true);
    for (const wrong of [['path', '--nope'], [], ['a', 'b'], ['path', '-k'], ['path', '--json=1'], ['path', '-x']]) {
      assert.throws(
        () => readArguments('publish', publish, wrong),
        (error) => error instanceof BroadsideError && error.code === 'usage' && /^[^\n]+\.?$/.test(error.message),
        wrong.join(' '),
      );
    }
  });

  it('numbers are whole and within bounds', () => {
    const at = (value: string): number =>
      wholeNumber(readArguments('publish', publish, ['p', '-k', value]), 'k', 3, 1, 10);
    assert.equal(at('10'), 10);
    for (const wrong of ['0', '11', '', ' 3', '3.0', '1e1', '0x3', '-1', '٣']) {
      if (wrong.startsWith('-')) assert.throws(() => at(wrong));
      else assert.throws(() => at(wrong), { code: 'usage' }, wrong);
    }
    assert.equal(wholeNumber(readArguments('publish', publish, ['p']), 'k', 3, 1, 10), 3);
  });

  it('the help names every command and every option', () => {
    for (const [name, usage] of Object.entries(COMMANDS)) {
      assert.match(generalHelp(), new RegExp(`^  ${name}\\b`, 'm'));
      for (const option of Object.keys(usage.options))
        assert.match(commandHelp(name, usage), new RegExp(`-${option}\\b`));
    }
    assert.ok(
      generalHelp()
        .split('\n')
        .every((line) => line.length <= 130),
    );
  });

  it('a password is the first line of its file', () => {
    const path = join(root, 'password');
    for (const [contents, password] of [
      ['one\ntwo', 'one'],
      ['one\r\n', 'one'],
      [' spaces stay ', ' spaces stay '],
      ['ünï', 'ünï'],
    ] as const) {
      writeFileSync(path, contents);
      assert.equal(readPassword(path), password);
    }
    for (const contents of ['', '\nsecond', 'x'.repeat(1025)]) {
      writeFileSync(path, contents);
      assert.throws(() => readPassword(path), { code: 'usage' });
    }
    assert.throws(() => readPassword(root), { code: 'usage' });
  });
});

describe('what is said', () => {
  it('is one line, with nothing that a terminal would act on', () => {
    assert.equal(oneLine('a\nb\x1b[31m\u2028c\x07'), 'a b [31m c');
    assert.equal(printable('a\x1b[2J\u202eb'), 'a\ufffd[2J\ufffdb');
  });
  it('has sizes and times for people', () => {
    assert.deepEqual(
      [0, 1, 999, 1000, 1234, 999_499, 12_345_678, 5e12].map((size) => formatSize(size)),
      ['0 bytes', '1 byte', '999 bytes', '1 kB', '1.2 kB', '999 kB', '12 MB', '5 TB'],
    );
    assert.deepEqual([0.2, 59, 61, 3725].map(formatSeconds), ['1 s', '59 s', '1 min 1 s', '1 h 2 min']);
  });
});

describe('reports', () => {
  it('hold no link, key, token or home', () => {
    const link =
      'broadside:cebquqbic7jyjvsqqhtydjjclu6a4vknz2hqokopgx5w2sk27ivv5euciszmhb4cw7tee326h5iqmu2jdqmbiasnzfbcfyb6ewgnrppd6d4jgkuita';
    const key = '8070ac248c9c7c95b7aae0c95b55877526d00752e38a656097bd36680659ef0c';
    const token = 'Ct58PHBtOI8XYY3ORo-Q-_t-6cnR_U5nS-f83YWAlcE';
    const error = new Error(`failed on ${link}/a.txt with ${key} and ${token} in ${homedir()}/x`, {
      cause: new Error(link),
    });
    const text = reportText('get', error, 0);
    for (const secret of [link, link.slice(12, 60), key, token, `${homedir()}/x`])
      assert.equal(text.includes(secret), false, secret);
    assert.match(text, /command: get/);
    assert.match(text, /caused by:/);
    assert.match(text, /command-line\.test\.ts/);
    assert.equal(withoutSecrets('services/publish/run.ts:12:3'), 'services/publish/run.ts:12:3');
  });
  it('are few', () => {
    const directory = join(root, 'defects');
    for (let index = 0; index < 25; index += 1) assert.ok(writeReport(directory, 'x', new Error('x'), index * 1000));
    assert.equal(readdirSync(join(directory, 'reports')).length, 20);
  });
});

describe('names and tokens of the server', () => {
  it('knows its own sites and no other', () => {
    assert.deepEqual(siteOfHost('127.0.0.1:80', 80), { kind: 'app', origin: 'http://127.0.0.1:80' });
    assert.deepEqual(siteOfHost(`${'a'.repeat(52)}.localhost:80`, 80), { kind: 'content', label: 'a'.repeat(52) });
    for (const host of [
      undefined,
      '',
      ':80',
      '127.0.0.1',
      '127.0.0.1:8080',
      'a.localhost:80',
      `${'A'.repeat(52)}.localhost:80`,
      `${'a'.repeat(64)}.localhost:80`,
    ])
      assert.equal(siteOfHost(host, 80), undefined);
  });
  it('compares tokens whole', () => {
    assert.equal(isToken('secret', 'secret'), true);
    for (const wrong of [undefined, '', 'secre', 'secrets', 'Secret']) assert.equal(isToken(wrong, 'secret'), false);
    assert.equal(tokenOfSubprotocols('broadside.1, token.abc'), 'abc');
    assert.equal(tokenOfSubprotocols('token.abc'), undefined);
    assert.equal(tokenOfAuthorization('Bearer abc'), 'abc');
    assert.equal(tokenOfAuthorization('Bearer a b'), undefined);
  });
});
