/** The command line as interface.md says it, in real processes on a loopback DHT. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { joining, runCommand, startDaemon, startTestnet } from '../support/spawn.ts';
import type { RunningChild, TestnetReady } from '../support/spawn.ts';

interface Published {
  link: string;
  password?: string;
  shares: { wanted: number; stored: number };
  blocks: number;
  sizeBytes: number;
  seconds: number;
}
interface Got {
  path: string;
  sizeBytes: number;
  type: string;
  version: number;
  shares: { asked: number; valid: number; bad: number[] };
  seconds: number;
}

let root: string;
let testnet: RunningChild<TestnetReady>;
let joinArgs: string[];

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'broadside-cli-'));
  testnet = await startTestnet(['--nodes', '6', '--dir', join(root, 'net')]);
  joinArgs = joining(testnet.ready);
});

after(async () => {
  await testnet?.stop();
  rmSync(root, { recursive: true, force: true });
});

const data = (name: string): string => join(root, name);
const file = (name: string, contents: string | Uint8Array): string => {
  writeFileSync(join(root, name), contents);
  return join(root, name);
};
function errorOf(stdout: string): { code: string; message: string } {
  return (JSON.parse(stdout) as { error: { code: string; message: string } }).error;
}
/** One line, as every error is said. */
function isOneLine(stderr: string): boolean {
  return /^broadside: [^\n]+\.\n$/.test(
    stderr
      .split('\n')
      .filter(
        (line) => !/^(Waiting|Reading|Sending|Placing|Asking|Stopping|Fetching|Verifying|Checking|Starting)/.test(line),
      )
      .join('\n'),
  );
}

describe('testnet', () => {
  it('says in one line what interface.md names', () => {
    assert.equal(testnet.ready.ready, true);
    assert.match(testnet.ready.bootstrap[0]!, /^127\.0\.0\.1:\d+$/);
    assert.match(testnet.ready.network, /^practice-/);
    assert.equal(testnet.ready.nodes.length, 6);
    for (const node of testnet.ready.nodes) {
      assert.match(node.publicKey, /^[0-9a-f]{64}$/);
      process.kill(node.pid, 0);
    }
    assert.equal(new Set(testnet.ready.nodes.map((node) => node.publicKey)).size, 6);
    assert.equal(statSync(join(root, 'net', 'node-0')).mode & 0o777, 0o700);
  });
});

describe('publish, get, check', () => {
  it('publishes a file, and another node gets it, byte for byte, and finds it healthy', async () => {
    const bytes = randomBytes(300_000);
    const published = await runCommand(['publish', file('a.bin', bytes), '--data', data('a'), ...joinArgs, '--json']);
    assert.equal(published.code, 0, published.stderr);
    const result = published.json<Published>();
    assert.match(result.link, /^broadside:[a-z2-7]{100,140}$/);
    assert.ok(result.password!.split(' ').length >= 7);
    assert.deepEqual(result.shares, { wanted: 10, stored: 10 });
    assert.equal(result.sizeBytes, 300_000);
    assert.ok(result.blocks >= 10);
    assert.ok(result.seconds > 0);

    const out = join(root, 'a.out');
    const got = await runCommand(['get', result.link, '-o', out, '--data', data('b'), ...joinArgs, '--json']);
    assert.equal(got.code, 0, got.stderr);
    const about = got.json<Got>();
    assert.equal(about.path, out);
    assert.equal(about.sizeBytes, 300_000);
    assert.equal(about.version, 1);
    assert.ok(about.shares.valid >= 3 && about.shares.asked >= about.shares.valid);
    assert.deepEqual(about.shares.bad, []);
    assert.ok(readFileSync(out).equals(bytes));

    const checked = await runCommand(['check', result.link, '--data', data('b'), '--json']);
    assert.equal(checked.code, 0, checked.stderr);
    const health = checked.json<{
      retrievable: boolean;
      shares: { index: number; found: boolean; valid: boolean }[];
      blocks: { sampled: number; found: number };
    }>();
    assert.equal(health.retrievable, true);
    assert.deepEqual(
      health.shares.map((share) => share.index),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
    assert.ok(health.shares.every((share) => share.found && share.valid));
    assert.ok(health.blocks.sampled > 0 && health.blocks.found === health.blocks.sampled);
  });

  it('publishes a directory and writes it again under its own name in the directory where it is called', async () => {
    const directory = join(root, 'süß 東京');
    mkdirSync(join(directory, 'deep', 'er'), { recursive: true });
    writeFileSync(join(directory, 'index.html'), '<h1>Title</h1>');
    writeFileSync(join(directory, 'deep', 'er', 'empty'), '');
    writeFileSync(join(directory, 'deep', 'ファイル.txt'), 'text');
    const published = await runCommand([
      'publish',
      directory,
      '--permanent',
      '-k',
      '2',
      '-n',
      '3',
      '--title',
      'A site',
      '--data',
      data('a'),
      ...joinArgs,
      '--json',
    ]);
    assert.equal(published.code, 0, published.stderr);
    const result = published.json<Published>();
    assert.equal(result.password, undefined, 'a permanent publication gives no password');
    assert.equal(result.shares.wanted, 3);

    const here = join(root, 'here');
    mkdirSync(here);
    const got = await runCommand(['get', result.link, '--data', data('b'), ...joinArgs, '--json'], { cwd: here });
    assert.equal(got.code, 0, got.stderr);
    const { path } = got.json<Got>();
    assert.equal(readFileSync(join(path, 'index.html'), 'utf8'), '<h1>Title</h1>');
    assert.equal(readFileSync(join(path, 'deep', 'er', 'empty'), 'utf8'), '');
    assert.equal(readFileSync(join(path, 'deep', 'ファイル.txt'), 'utf8'), 'text');
    assert.ok(path.startsWith(here));
  });

  it('says the link and the password once, for people, and nothing else on standard output', async () => {
    const published = await runCommand([
      'publish',
      file('p.txt', 'hello'),
      '--data',
      data('a'),
      ...joinArgs,
      '--quiet',
    ]);
    assert.equal(published.code, 0);
    assert.equal(published.stderr, '');
    assert.match(published.stdout, /Link: +broadside:[a-z2-7]+\nPassword: +(\w+ ){6,}\w+\n/);
  });

  it('takes the password of a file without its line end', async () => {
    const password = 'tremble orbit cassette walnut velvet anchor 93';
    const path = file('p', `${password}\r\nsecond line\n`);
    const published = await runCommand([
      'publish',
      file('q.txt', 'x'),
      '--password-file',
      path,
      '--no-update',
      '--data',
      data('a'),
      ...joinArgs,
      '--json',
    ]);
    assert.equal(published.code, 0, published.stderr);
    assert.equal(published.json<Published>().password, undefined, 'a password that was given is not said');
  });
});

describe('with a daemon on the data directory', () => {
  it('commands go through it, a second one is refused, and SIGTERM stops it cleanly', async () => {
    const daemon = await startDaemon(data('d'), joinArgs);
    try {
      assert.deepEqual(Object.keys(daemon.ready), ['ready', 'url', 'publicKey', 'dht']);
      assert.match(daemon.ready.url, /^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/);
      assert.match(daemon.ready.dht, /^127\.0\.0\.1:\d+$/);
      assert.equal(statSync(join(data('d'), 'daemon.json')).mode & 0o777, 0o600);

      const status = await runCommand(['status', '--data', data('d'), '--json']);
      assert.equal(status.code, 0, status.stderr);
      const now = status.json<{ publicKey: string; location: number; role: string; store: { quotaBytes: number } }>();
      assert.equal(now.publicKey, daemon.ready.publicKey);
      assert.equal(now.role, 'leaf');
      assert.ok(now.location >= 0 && now.location < 1);

      const set = await runCommand(['config', 'set', 'quota-bytes', '20000000', '--data', data('d'), '--json']);
      assert.deepEqual(set.json(), { 'quota-bytes': 20_000_000 });
      const after = (await runCommand(['status', '--data', data('d'), '--json'])).json<{
        store: { quotaBytes: number };
      }>();
      assert.equal(after.store.quotaBytes, 20_000_000);

      const published = await runCommand([
        'publish',
        file('d.txt', 'through the daemon'),
        '--data',
        data('d'),
        '--json',
      ]);
      assert.equal(published.code, 0, published.stderr);
      const got = await runCommand([
        'get',
        published.json<Published>().link,
        '-o',
        join(root, 'd.out'),
        '--data',
        data('d'),
        '--json',
      ]);
      assert.equal(got.code, 0, got.stderr);
      assert.equal(readFileSync(join(root, 'd.out'), 'utf8'), 'through the daemon');

      const second = await runCommand(['daemon', '--data', data('d'), '--json']);
      assert.equal(second.code, 10);
      assert.match(errorOf(second.stdout).message, new RegExp(`the daemon \\(process ${daemon.pid}\\)`));

      const elsewhere = await runCommand(['status', '--data', data('d'), '--network', 'practice-other', '--json']);
      assert.equal(elsewhere.code, 2);
    } finally {
      assert.equal(await daemon.stop(), 0);
    }
    assert.equal(existsSync(join(data('d'), 'daemon.json')), false);
    // The lock went with it.
    const settings = await runCommand(['config', 'get', 'quota-bytes', '--data', data('d')]);
    assert.equal(settings.stdout, '20000000\n');
  });

  it('a killed daemon leaves nothing that keeps the next one away', async () => {
    const killed = await startDaemon(data('k'), joinArgs);
    await killed.kill();
    assert.equal(existsSync(join(data('k'), 'daemon.json')), true);
    assert.equal((await runCommand(['config', 'get', 'links', '--data', data('k')])).code, 0);
    const again = await startDaemon(data('k'));
    assert.equal(again.ready.publicKey, killed.ready.publicKey, 'the identity stays');
    const settings = (await runCommand(['config', 'get', '--data', data('k'), '--json'])).json<
      Record<string, unknown>
    >();
    assert.equal(settings['network'], testnet.ready.network, 'the network is remembered');
    assert.equal(settings['bootstrap'], testnet.ready.bootstrap.join(','));
    assert.equal(await again.stop(), 0);
  });
});

describe('errors, each with its exit code and one line', () => {
  const cases: { name: string; args: () => string[]; code: number; error: string; says?: RegExp }[] = [
    { name: 'no command', args: () => [], code: 2, error: 'usage' },
    { name: 'unknown command', args: () => ['burn'], code: 2, error: 'usage', says: /burn/ },
    {
      name: 'a query that cannot be read',
      args: () => ['search', 'harbour', 'size:10XB'],
      code: 2,
      error: 'usage',
      says: /size:10XB.*character 9/,
    },
    {
      name: 'a query of nothing but what is excluded',
      args: () => ['search', '-harbour'],
      code: 2,
      error: 'usage',
      says: /a word that is/,
    },
    {
      name: 'a kind of search that is none',
      args: () => ['search', 'x', '--kind', 'secret'],
      code: 2,
      error: 'usage',
      says: /--kind/,
    },
    { name: 'unknown option', args: () => ['status', '--loud'], code: 2, error: 'usage', says: /--loud/ },
    { name: 'k above n', args: () => ['publish', '.', '-k', '4', '-n', '3'], code: 2, error: 'usage', says: /-k/ },
    { name: 'n of 0', args: () => ['publish', '.', '-n', '0'], code: 2, error: 'usage', says: /-n/ },
    { name: 'n above 100', args: () => ['publish', '.', '-n', '101'], code: 2, error: 'usage' },
    { name: 'k that is no number', args: () => ['publish', '.', '-k', '3x'], code: 2, error: 'usage' },
    {
      name: 'permanent with a password',
      args: () => ['publish', '.', '--permanent', '--password-file', 'x'],
      code: 2,
      error: 'usage',
    },
    { name: 'keywords of no listing', args: () => ['publish', '.', '--keywords', 'tide'], code: 2, error: 'usage' },
    {
      name: 'a weak password',
      args: () => ['publish', '.', '--password-file', file('weak', 'password1\n')],
      code: 2,
      error: 'weak-password',
    },
    {
      name: 'a password file that is not there',
      args: () => ['publish', '.', '--password-file', data('nowhere')],
      code: 2,
      error: 'usage',
      says: /nowhere/,
    },
    {
      name: 'a missing path',
      args: () => ['publish', data('nothing-here'), '--data', data('e'), ...joinArgs],
      code: 2,
      error: 'usage',
      says: /nothing-here/,
    },
    { name: 'a bad link', args: () => ['get', 'broadside:aaaa'], code: 7, error: 'bad-link' },
    { name: 'a bad link to list', args: () => ['list', 'broadside:aaaa'], code: 7, error: 'bad-link' },
    { name: 'a bad link to take out of search', args: () => ['unlist', 'broadside:aaaa'], code: 7, error: 'bad-link' },
    { name: 'a link of another kind', args: () => ['get', 'broadside:file/one-two'], code: 7, error: 'bad-link' },
    {
      name: 'a bad bootstrap',
      args: () => ['status', '--bootstrap', 'nowhere'],
      code: 2,
      error: 'usage',
      says: /HOST:PORT/,
    },
    { name: 'a bad network', args: () => ['status', '--network', 'Not A Name'], code: 2, error: 'usage' },
    {
      name: 'an unknown setting',
      args: () => ['config', 'get', 'colour', '--data', data('e')],
      code: 2,
      error: 'usage',
      says: /quota-bytes/,
    },
    {
      name: 'a setting out of bounds',
      args: () => ['config', 'set', 'links', '400', '--data', data('e')],
      code: 2,
      error: 'usage',
      says: /4 to 40/,
    },
    {
      name: 'a data directory that is a file',
      args: () => ['config', 'get', '--data', file('plain', '')],
      code: 2,
      error: 'usage',
    },
    { name: 'a port out of range', args: () => ['daemon', '--port', '70000'], code: 2, error: 'usage' },
  ];
  for (const { name, args, code, error, says } of cases) {
    it(`${name}: ${code}`, async () => {
      const outcome = await runCommand([...args(), '--json']);
      assert.equal(outcome.code, code, outcome.stdout + outcome.stderr);
      assert.equal(errorOf(outcome.stdout).code, error);
      assert.ok(isOneLine(outcome.stderr), outcome.stderr);
      if (says !== undefined) assert.match(outcome.stderr, says);
    });
  }

  it('a link with one letter changed is refused before anything is asked: 7', async () => {
    const published = await runCommand([
      'publish',
      file('flip.txt', 'x'),
      '--permanent',
      '--data',
      data('a'),
      ...joinArgs,
      '--json',
    ]);
    const { link } = published.json<Published>();
    const at = link.length - 20;
    const flipped = link.slice(0, at) + (link[at] === 'a' ? 'b' : 'a') + link.slice(at + 1);
    const got = await runCommand(['get', flipped, '--data', data('b'), '--json']);
    assert.equal(got.code, 7);
  });

  it('a file that is not in the publication: 3', async () => {
    const published = await runCommand([
      'publish',
      file('one.txt', 'x'),
      '--permanent',
      '--data',
      data('a'),
      ...joinArgs,
      '--json',
    ]);
    const got = await runCommand(
      ['get', `${published.json<Published>().link}/other.txt`, '--data', data('b'), '--json'],
      { cwd: root },
    );
    assert.equal(got.code, 3, got.stderr);
  });

  it('nobody there: 4', async () => {
    const offline = await runCommand([
      'publish',
      file('o.txt', 'x'),
      '--data',
      data('offline'),
      '--network',
      'practice-nobody',
      '--bootstrap',
      '127.0.0.1:9',
      '--json',
      '--quiet',
    ]);
    assert.equal(offline.code, 4, offline.stderr);
    assert.equal(errorOf(offline.stdout).code, 'offline');
    assert.ok(isOneLine(offline.stderr), offline.stderr);
  });

  it('an interrupted command ends with 130 and leaves nothing under a final name', async () => {
    const published = await runCommand([
      'publish',
      file('big.bin', randomBytes(24 * 1024 * 1024)),
      '--permanent',
      '--data',
      data('a'),
      ...joinArgs,
      '--json',
    ]);
    assert.equal(published.code, 0, published.stderr);
    const directory = join(root, 'interrupted');
    mkdirSync(directory);
    const got = await runCommand(
      ['get', published.json<Published>().link, '-o', join(directory, 'big.bin'), '--data', data('b'), ...joinArgs],
      {
        onStderr: (text, kill) => {
          if (text.includes('Fetching')) kill('SIGINT');
        },
      },
    );
    assert.equal(got.code, 130, got.stderr);
    assert.deepEqual(readdirSync(directory), []);
  });
});
