/** `share` of the command line: with a node of its own, with a daemon, interrupted, and what it says of what is wrong. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { runCommand, startDaemon } from '../support/spawn.ts';
import type { CommandOutcome } from '../support/spawn.ts';

let root: string;
/** A network of nobody: shared folders need none. */
const NOBODY = ['--network', 'practice-nobody', '--bootstrap', '127.0.0.1:9'];

before(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'broadside-share-')));
  mkdirSync(join(root, 'music/album'), { recursive: true });
  writeFileSync(join(root, 'music/one.txt'), 'one');
  writeFileSync(join(root, 'music/album/two.txt'), 'three');
  writeFileSync(join(root, 'music/.hidden'), 'hidden');
  symlinkSync('/etc/passwd', join(root, 'music/link'));
});
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

type Failure = { error: { code: string } };

describe('share', () => {
  it('adds a folder with a node of its own, waits until it is hashed, and knows it the next time', async () => {
    const share = (...args: string[]): Promise<CommandOutcome> =>
      runCommand(['share', ...args, '--data', join(root, 'alone'), ...NOBODY, '--json'], { cwd: root });
    const added = await share('add', 'music');
    assert.equal(added.code, 0, added.stderr);
    const leftOut = { hidden: 1, link: 1 };
    assert.deepEqual(added.json(), { files: 2, sizeBytes: 8, path: join(root, 'music'), leftOut });
    const listed = await share('list');
    assert.equal(listed.code, 0, listed.stderr);
    const { files, sizeBytes, folders } = listed.json<{
      files: number;
      sizeBytes: number;
      folders: { path: string }[];
    }>();
    assert.deepEqual([files, sizeBytes], [2, 8]);
    assert.deepEqual(
      folders.map(({ path }) => path),
      [join(root, 'music')],
    );
  });

  it('speaks to the daemon: stops, starts, removes, and leaves what is interrupted going on there', async () => {
    const data = join(root, 'daemon');
    const daemon = await startDaemon(data, NOBODY);
    const share = (...args: string[]): Promise<CommandOutcome> =>
      runCommand(['share', ...args, '--data', data, '--json'], { cwd: root });
    const limit = (rate: string): Promise<CommandOutcome> =>
      runCommand(['config', 'set', 'hashing-bytes-per-second', rate, '--data', data]);
    try {
      assert.equal((await share('add', 'music')).code, 0);
      const wrong: [string[], number, string][] = [
        [['add', 'missing'], 2, 'usage'],
        [['add', 'music/album'], 2, 'usage'],
        [['add', '/etc'], 9, 'refused'],
        [['add', data], 9, 'refused'],
        [['remove', 'other'], 3, 'not-found'],
        [['hide', 'music'], 2, 'usage'],
      ];
      for (const [args, code, error] of wrong) {
        const outcome = await share(...args);
        assert.deepEqual([outcome.code, outcome.json<Failure>().error.code], [code, error], args.join(' '));
      }
      const removed = await share('remove', 'music');
      assert.deepEqual([removed.code, removed.json()], [0, { files: 2, sizeBytes: 8, path: join(root, 'music') }]);

      mkdirSync(join(root, 'large'));
      writeFileSync(join(root, 'large/sparse.bin'), '');
      truncateSync(join(root, 'large/sparse.bin'), 20_000_000);
      assert.equal((await limit('5000000')).code, 0);
      const interrupted = await runCommand(['share', 'add', join(root, 'large'), '--data', data], {
        onStderr: (text, kill) => {
          if (text.includes('Hashing')) kill('SIGINT');
        },
      });
      assert.equal(interrupted.code, 130, interrupted.stderr);
      assert.match(interrupted.stderr, /goes on in the node/);
      assert.equal((await limit('0')).code, 0);
      // Said again, it only waits.
      const added = await share('add', 'large');
      assert.deepEqual([added.code, added.json<{ files: number }>().files], [0, 1], added.stderr);
      assert.equal((await share('stop')).code, 0);
      const { files, folders } = (await share('list')).json<{
        files: number;
        folders: { state: string; offeredFiles: number }[];
      }>();
      assert.deepEqual([files, folders[0]!.state, folders[0]!.offeredFiles], [1, 'stopped', 0]);
      assert.equal((await share('add', 'large')).json<{ files: number }>().files, 1);
    } finally {
      assert.equal(await daemon.stop(), 0);
    }
  });
});
