/** The passphrase of the library from the command line: real processes, killed where it hurts. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Lock } from '../../shared/ipc/lock-calls.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { connectDaemon } from '../support/practice.ts';
import { runCommand, startDaemon } from '../support/spawn.ts';
import type { DaemonReady, RunningChild } from '../support/spawn.ts';

/** A network of nobody: nothing here needs a neighbour. */
const ALONE = ['--network', 'lock-test', '--bootstrap', '127.0.0.1:9', '--quiet'];

describe('the passphrase of the library, from the command line', () => {
  let root: string;
  let data: string;
  let daemon: RunningChild<DaemonReady> | undefined;
  const secret = (name: string): string => join(root, name);
  const run = (...args: string[]) => runCommand([...args, '--data', data, '--json', '--quiet']);
  const start = async (...more: string[]): Promise<ContractClient> => {
    daemon = await startDaemon(data, [...ALONE, ...more]);
    return connectDaemon(new URL(daemon.ready.url));
  };
  const errorOf = (outcome: { json<T>(): T }): string => outcome.json<{ error: { code: string } }>().error.code;

  before(() => {
    root = mkdtempSync(join(tmpdir(), 'broadside-locked-'));
    data = join(root, 'data');
    mkdirSync(join(root, 'shared'));
    writeFileSync(join(root, 'shared', 'a.txt'), 'something to share');
    writeFileSync(secret('one'), 'harbour tide lantern gravel winter copper\n');
    writeFileSync(secret('two'), 'meadow signal orbit velvet cactus stamp\n');
  });
  after(async () => {
    await daemon?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it('nothing is locked by itself without one, which is said', async () => {
    const chosen = await runCommand(['config', 'set', 'lock-after', '15', '--data', data]);
    assert.equal(chosen.code, 0, chosen.stderr);
    assert.match(chosen.stdout, /^lock-after is 15\n$/);
    assert.match(chosen.stderr, /There is no passphrase, so nothing is locked until one is set/);
    assert.equal((await run('config', 'set', 'lock-after', '7')).code, 2);
  });

  it('is set while the node runs, locks at once in every window, and unlocks', async () => {
    const client = await start();
    await client.call('shares.add', { path: join(root, 'shared') });
    await client.call('pens.create', { name: 'harbour master' });
    const set = await run('passphrase', 'set', '--new-passphrase-file', secret('one'));
    assert.deepEqual([set.code, set.json()], [0, { state: 'open' }], set.stderr);
    assert.equal((await client.call('pens.list', null))[0]?.name, 'harbour master');
    assert.equal((await client.call('shares.list', null)).length, 1);

    const told = new Promise<Lock>((resolve) => client.on('lock', resolve));
    const locked = await run('lock');
    assert.deepEqual([locked.code, locked.json()], [0, { state: 'locked' }]);
    assert.deepEqual(await told, { state: 'locked' });
    await assert.rejects(client.call('pens.list', null), { code: 'locked' });
    const refused = await run('share', 'list');
    assert.deepEqual([refused.code, errorOf(refused)], [9, 'locked']);
    assert.equal((await run('status')).code, 0);

    const wrong = await run('unlock', '--passphrase-file', secret('two'));
    assert.deepEqual([wrong.code, errorOf(wrong)], [9, 'refused']);
    assert.equal((await run('unlock')).code, 2);
    const unlocked = await run('unlock', '--passphrase-file', secret('one'));
    assert.deepEqual([unlocked.code, unlocked.json()], [0, { state: 'open' }]);
    assert.equal((await client.call('pens.list', null))[0]?.name, 'harbour master');
    client.close();
  });

  it('killed while it is changed: one of the two opens it, and nothing is lost', async () => {
    const client = (await daemon!.kill(), await start('--passphrase-file', secret('one')));
    const changing = new Promise<void>((resolve) =>
      client.on('lock', ({ state }) => state === 'changing' && resolve()),
    );
    const ended = client.call('lock.change', {
      passphrase: 'harbour tide lantern gravel winter copper',
      next: 'meadow signal orbit velvet cactus stamp',
    });
    ended.catch(() => undefined);
    await changing;
    await daemon!.kill();
    client.close();

    const again = await start();
    await assert.rejects(again.call('pens.list', null), { code: 'locked' });
    const first = await run('unlock', '--passphrase-file', secret('one'));
    if (first.code !== 0) assert.equal((await run('unlock', '--passphrase-file', secret('two'))).code, 0);
    assert.equal((await again.call('pens.list', null))[0]?.name, 'harbour master');
    assert.equal((await again.call('shares.list', null)).length, 1);
    again.close();
    assert.equal(readdirSync(data).filter((name) => name.startsWith('personal-')).length, 1);
    await daemon!.stop();
    // Whichever it is now, it is the first again for what follows.
    if (first.code !== 0) {
      const back = ['--passphrase-file', secret('two'), '--new-passphrase-file', secret('one')];
      assert.equal((await run('passphrase', 'set', ...back, ...ALONE)).code, 0);
    }
  });

  it('without a daemon a command takes it, or ends before it starts a node', async () => {
    await daemon!.stop();
    const none = await run('share', 'list', ...ALONE);
    assert.deepEqual([none.code, errorOf(none)], [9, 'locked']);
    const wrong = await run('share', 'list', '--passphrase-file', secret('two'), ...ALONE);
    assert.deepEqual([wrong.code, errorOf(wrong)], [9, 'refused']);
    const given = await run('share', 'list', '--passphrase-file', secret('one'), ...ALONE);
    assert.equal(given.code, 0, given.stderr);
    // What the desktop app kept, so that the library opens by itself, goes with locking where no node runs, too.
    const kept = join(data, 'key-store.json');
    const { folder } = JSON.parse(readFileSync(join(data, 'personal.json'), 'utf8')) as { folder: string };
    writeFileSync(kept, JSON.stringify({ version: 1, folder, sealed: 'abcd' }), { mode: 0o600 });
    const locked = await run('lock');
    assert.deepEqual([locked.code, locked.json(), existsSync(kept)], [0, { state: 'locked' }, false], locked.stderr);
    assert.equal((await run('lock')).code, 3);
    const removed = await run('passphrase', 'remove', '--passphrase-file', secret('one'), ...ALONE);
    assert.deepEqual([removed.code, removed.json()], [0, { state: 'none' }], removed.stderr);
    assert.equal((await run('share', 'list', ...ALONE)).code, 0);
  });
});
