/** Real nodes on one machine: their links move to TCP, unless one of them has it switched off. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';
import type { Neighbour } from '../../shared/ipc/model.ts';

/** Looked at so often; nobody tells of it. */
const LOOK_MS = 100;
/** A busy machine takes some seconds for the links themselves. */
const LIMIT_MS = 60_000;

let practice: Practice;
before(async () => {
  practice = await startPractice(3);
});
after(() => practice.stop());

async function eventually<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  const untilMs = performance.now() + LIMIT_MS;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    assert.ok(performance.now() < untilMs, `not within ${LIMIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function neighbours(daemon: Daemon): Promise<readonly Neighbour[]> {
  const view = await daemon.client.call('network.get', null);
  return view.neighbours.filter(({ state }) => state === 'connected');
}

it('links of nodes of one machine go by TCP, and by UDX where it is switched off', { timeout: 200_000 }, async () => {
  const directory = join(practice.directory, 'without');
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'settings.json'), '{"tcp": false}');
  const [first, without] = [await practice.startDaemon('first'), await practice.startDaemon('without')];
  await eventually(async () => {
    const byTcp = (await neighbours(first)).filter(({ path }) => path === 'tcp');
    return byTcp.length >= 2 ? byTcp : undefined;
  });
  // Links that had as long to move as those, and more.
  const old = await eventually(async () => {
    const all = await neighbours(without);
    return all.filter(({ sinceMs }) => Date.now() - sinceMs > 3_000).length >= 2 ? all : undefined;
  });
  assert.deepEqual(new Set(old.map(({ path }) => path)), new Set(['udx']));
});
