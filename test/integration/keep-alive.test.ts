/**
 * A publication that one machine keeps alive outlives everybody else who held it: all other nodes go, with their disks;
 * new ones come that have never seen it; the keeper puts it back, and it is read when the keeper is gone too.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import { runCommand } from '../support/spawn.ts';

interface Kept {
  retrievable: boolean;
  shares: { wanted: number; found: number; held: number; putBack: number };
  blocks: { wanted: number; held: number; looked: number; found: number; putBack: number; lost: number };
}

let practice: Practice;
before(async () => {
  practice = await startPractice(4);
});
after(() => practice?.stop());

async function command<Result>(daemon: Daemon, ...args: string[]): Promise<Result> {
  const { code, stderr, json } = await runCommand([...args, '--data', daemon.directory, '--json', '--quiet']);
  assert.equal(code, 0, stderr);
  return json<Result>();
}

/** Resolves when the daemon has as many neighbours. */
function linked({ client }: Daemon, links: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (status: { readonly links: number }): void => {
      if (status.links < links) return;
      stop();
      resolve();
    };
    const stop = client.on('status', look);
    client.call('status.get', null).then(look, reject);
  });
}

test('what one machine keeps alive outlives all others that held it', { timeout: 300_000 }, async () => {
  const [publisher, keeper] = await Promise.all([practice.startDaemon('publisher'), practice.startDaemon('keeper')]);
  const path = join(practice.directory, 'evidence.bin');
  writeFileSync(path, randomBytes(600_000));
  const { link } = await command<{ link: string }>(publisher, 'publish', path, '-k', '2', '-n', '5');

  const first = await command<Kept>(keeper, 'keep', link);
  assert.deepEqual([first.retrievable, first.shares.held, first.blocks.lost], [true, 5, 0]);
  assert.ok(first.blocks.wanted >= 20, `${first.blocks.wanted} blocks`);
  assert.equal(first.blocks.held, first.blocks.wanted);
  const listed = await command<{ kept: { link: string; on: boolean }[] }>(keeper, 'keep', 'list');
  assert.deepEqual(
    listed.kept.map((entry) => [entry.link, entry.on]),
    [[link, true]],
  );

  // The keeper's own store is no help to it: it held copies as any node does, and they go with its store.
  for (const { pid } of practice.nodes) process.kill(pid, 'SIGKILL');
  await publisher.kill();
  const fresh = await Promise.all([1, 2, 3].map((number) => practice.startDaemon(`fresh-${number}`)));
  await Promise.all([keeper, ...fresh].map((daemon) => linked(daemon, 3)));

  const second = await command<Kept>(keeper, 'keep', link);
  assert.equal(second.retrievable, true);
  assert.ok(second.shares.putBack + second.blocks.putBack > 0, JSON.stringify(second));
  await keeper.stop();

  const out = join(practice.directory, 'read.bin');
  const got = await command<{ path: string }>(fresh[0]!, 'get', link, '-o', out);
  assert.deepEqual(readFileSync(got.path), readFileSync(path));
});
