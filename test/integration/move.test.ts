/** The data directory moved while a daemon runs on it: the same process, port and token, and everything that was there. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Move } from '../../shared/ipc/move-calls.ts';
import { connectContract } from '../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../shared/ipc/rpc.ts';
import { runCommand, startDaemon } from '../support/spawn.ts';
import type { DaemonReady, RunningChild } from '../support/spawn.ts';

const ALONE = ['--network', 'move-test', '--bootstrap', '127.0.0.1:9', '--quiet'];
/** So much that it is under way when somebody changes their mind. */
const BULK_BYTES = 64 * 1024 * 1024;

/** As often as a window tries that lost its node. */
const RETRY_MS = 100;

interface OpenWindow {
  readonly client: ContractClient;
  readonly closed: Promise<undefined>;
}

/** Undefined while nobody is there. */
function openWindow(url: URL): Promise<OpenWindow | undefined> {
  const token = url.hash.slice('#token='.length);
  const socket = new WebSocket(`ws://${url.host}/rpc`, ['broadside.1', `token.${token}`]);
  const closed = new Promise<undefined>((resolve) => socket.on('close', () => resolve(undefined)));
  return new Promise((resolve) => {
    socket.on('error', () => resolve(undefined));
    socket.once('open', () => {
      const client = connectContract({
        post: (text) => socket.send(text),
        onMessage: (listener) => socket.on('message', (data) => listener(String(data))),
      });
      resolve({ client, closed });
    });
  });
}

describe('the data directory, moved from a window of the daemon', () => {
  let root: string;
  let data: string;
  let daemon: RunningChild<DaemonReady>;
  let client: ContractClient;
  const there = (name: string): string => join(root, name);
  const run = (...args: string[]) => runCommand([...args, '--data', data, '--json', '--quiet']);

  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'broadside-moving-'));
    data = there('data');
    mkdirSync(there('shared'));
    writeFileSync(join(there('shared'), 'a.txt'), 'something to share');
    writeFileSync(there('words'), 'harbour tide lantern gravel winter copper\n');
    daemon = await startDaemon(data, ALONE);
    client = (await openWindow(new URL(daemon.ready.url)))!.client;
    await client.call('pens.create', { name: 'harbour master' });
    await client.call('shares.add', { path: there('shared') });
    await client.call('config.set', { name: 'links', value: 9 });
    // What is not this program's own is taken along, too.
    writeFileSync(join(data, 'bulk'), Buffer.alloc(BULK_BYTES, 'bulk'));
  });
  after(async () => {
    await daemon?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  /** As a window does: connected again and again until the node is there; answers all that was told of the move. */
  async function follow(use?: (client: ContractClient, move: Move) => void): Promise<Move[]> {
    const told: Move[] = [];
    for (;;) {
      const window = await openWindow(new URL(daemon.ready.url));
      if (window === undefined) {
        assert.equal(daemon.stderr(), '');
        await setTimeout(RETRY_MS);
        continue;
      }
      const note = (move: Move): void => {
        told.push(move);
        use?.(window.client, move);
      };
      window.client.on('move', note);
      const move = await Promise.race([window.client.call('move.get', null).catch(() => undefined), window.closed]);
      if (move !== undefined) note(move);
      if (move?.state === 'idle') {
        client = window.client;
        return told;
      }
      await window.closed;
      window.client.close();
    }
  }
  const everythingIsThere = async (directory: string): Promise<void> => {
    assert.equal((await client.call('status.get', null)).dataDirectory, directory);
    assert.equal((await client.call('pens.list', null))[0]?.name, 'harbour master');
    assert.equal((await client.call('shares.list', null))[0]?.path, there('shared'));
    assert.equal((await client.call('config.get', null))['links'], 9);
    assert.equal((await client.call('status.get', null)).publicKey, daemon.ready.publicKey);
  };

  it('cancelled on the way: nothing has changed, and the node runs again', async () => {
    const begun = new Promise<void>((resolve) => client.on('move', () => resolve()));
    await client.call('move.start', { to: there('first') });
    await begun;
    let cancelled = false;
    const told = await follow((window, { state }) => {
      if (cancelled || (state !== 'copying' && state !== 'checking')) return;
      cancelled = true;
      void window.call('move.cancel', null).catch(() => undefined);
    });
    assert.ok(cancelled, `it was over before: ${told.map(({ state }) => state).join(' ')}`);
    assert.deepEqual(told.at(-1), { state: 'idle', directory: data });
    assert.equal(existsSync(there('first')), false);
    await everythingIsThere(data);
  });

  it('moved: commands are told meanwhile, windows come back by themselves, the old place leads there', async () => {
    const { sizeBytes } = await client.call('move.check', { to: there('second') });
    assert.ok(sizeBytes > BULK_BYTES);
    await client.call('move.start', { to: there('second') });
    let refused: Promise<{ code: number; stdout: string }> | undefined;
    const told = await follow((_window, { state }) => {
      if (state === 'copying') refused ??= run('share', 'list');
    });
    assert.deepEqual(told.at(-1), { state: 'idle', directory: there('second') });
    const rated = told.find(({ bytesPerSecond }) => bytesPerSecond !== undefined);
    assert.ok(told.some(({ doneBytes }) => doneBytes! > 0));
    if (rated !== undefined) assert.ok(rated.secondsLeft! >= 0);
    await everythingIsThere(there('second'));
    assert.deepEqual(readdirSync(data).toSorted(), ['lock', 'moved.json']);
    assert.equal(readFileSync(join(there('second'), 'bulk')).length, BULK_BYTES);
    if (refused !== undefined) {
      const { code, stdout } = await refused;
      // As soon as it is there, the command that was late finds it.
      assert.ok(code === 5 || code === 0, stdout);
    }
    // A command that names the old place, and one that names the new.
    assert.equal((await run('share', 'list')).code, 0);
    assert.equal((await runCommand(['share', 'list', '--data', there('second'), '--json'])).code, 0);
  });

  it('with a passphrase it comes back locked, and cannot be moved on until it is unlocked', async () => {
    const set = await run('passphrase', 'set', '--new-passphrase-file', there('words'));
    assert.equal(set.code, 0, set.stderr);
    await client.call('move.start', { to: there('third') });
    await follow();
    assert.equal((await client.call('lock.get', null)).state, 'locked');
    await assert.rejects(client.call('move.start', { to: there('fourth') }), { code: 'locked' });
    await client.call('lock.unlock', { passphrase: 'harbour tide lantern gravel winter copper' });
    await everythingIsThere(there('third'));
  });

  it('is found from the first place at the next start, and ended on the way it stays where it was', async () => {
    await client.call('move.start', { to: there('fifth') });
    const code = await daemon.stop();
    assert.equal(code, 0, daemon.stderr());
    daemon = await startDaemon(data, ALONE);
    client = (await openWindow(new URL(daemon.ready.url)))!.client;
    const { dataDirectory } = await client.call('status.get', null);
    assert.ok([there('third'), there('fifth')].includes(dataDirectory), dataDirectory);
    await client.call('lock.unlock', { passphrase: 'harbour tide lantern gravel winter copper' });
    await everythingIsThere(dataDirectory);
  });
});
