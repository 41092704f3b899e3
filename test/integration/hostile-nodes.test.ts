/** Nodes that lie, swallow and dawdle, among honest ones, all on the real transport. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startHostileNode } from '../support/nodes.ts';
import type { HostileNode, Hostility } from '../support/nodes.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import type { Daemon, Practice } from '../support/practice.ts';

let practice: Practice;
const hostile = new Map<Hostility, HostileNode>();
/** Nodes that can be asked what they saw. */
const witnesses: Daemon[] = [];
const WITNESSES = 4;
const HONEST = WITNESSES + 2;

before(async () => {
  practice = await startPractice(HONEST - WITNESSES);
  const names = Array.from({ length: WITNESSES }, (_, number) => `witness-${number}`);
  witnesses.push(...(await Promise.all(names.map((name) => practice.startDaemon(name)))));
});
after(async () => {
  for (const node of hostile.values()) await node.stop();
  await practice.stop();
});

for (const hostility of ['garbage', 'silent', 'late'] as const) {
  test(`with a node whose answers are ${hostility}, content still comes back right`, async () => {
    const node = await startHostileNode(practice.network, practice.bootstrap, hostility);
    hostile.set(hostility, node);
    assert.ok(await node.node.waitForLinks(HONEST, 60_000), 'the hostile node found its neighbours');
    const [publisher, reader] = await Promise.all([
      practice.startDaemon(`publisher-${hostility}`),
      practice.startDaemon(`reader-${hostility}`),
    ]);
    assert.ok(await node.node.waitForLinks(HONEST + 2, 60_000), 'publisher and reader are its neighbours too');
    const path = join(practice.directory, `${hostility}.bin`);
    // 100 blocks: about one in nine of them has the hostile node for its nearest.
    writeFileSync(path, randomBytes(100 * 32_752));
    const { job } = await publisher.client.call('publish.start', {
      source: { kind: 'path', path },
      k: 3,
      n: 10,
      class: 'fixed',
    });
    const sent = await jobEnd(publisher.client, job, 'publish');
    assert.equal(sent.state, 'done', sent.error?.message);
    const copy = `${path}.copy`;
    const get = await reader.client.call('get.start', { link: sent.link!, directory: practice.directory, path: copy });
    const got = await jobEnd(reader.client, get.job, 'get');
    assert.equal(got.state, 'done', got.error?.message);
    assert.ok(readFileSync(copy).equals(readFileSync(path)));
    if (hostility === 'garbage') {
      // By whoever it came to first, which passes nothing of it on. All that one reader asks for begins where its stem ends, and
      // that may be a node that cannot be asked what it saw: so others read it too, until one of them, or of their hops, has.
      const seers = [publisher, reader, ...witnesses];
      // Those that cannot be asked hang up at the third time, which the hostile node sees.
      const isHungUpOn = (): boolean => node.node.neighbours().length < HONEST + 2;
      for (let round = 0; (await garbageSeen(seers)) === 0 && !isHungUpOn(); round += 1) {
        assert.ok(round < witnesses.length * 2, `the garbage was counted, after ${node.misdeeds()} times`);
        const { client } = witnesses[round % witnesses.length]!;
        const target = { directory: practice.directory, path: `${copy}-${round}` };
        const again = await client.call('get.start', { link: sent.link!, ...target });
        const ended = await jobEnd(client, again.job, 'get');
        assert.equal(ended.state, 'done', ended.error?.message);
        assert.ok(readFileSync(target.path).equals(readFileSync(path)));
      }
    }
    assert.ok(node.misdeeds() > 0, 'it had its chance');
    await Promise.all([publisher.stop(), reader.stop(), node.stop()]);
  });
}

async function garbageSeen(daemons: readonly Daemon[]): Promise<number> {
  let garbage = 0;
  for (const { client } of daemons) garbage += (await client.call('status.get', null)).requests.garbage;
  return garbage;
}
