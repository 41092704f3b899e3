/** The soak of a network whose nodes are killed (test/soak/network.ts), with eight processes and for seconds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChurn } from '../support/churn.ts';

test('a network of eight processes, of which some are killed and come back, loses nothing', async (context) => {
  const { violations, deeds, publications, kills, recoveryMs } = await runChurn({
    nodes: 8,
    seconds: 20,
    seed: 1,
    killEveryMs: 2_500,
    mostDown: 2,
    workers: 2,
    sampledNodes: 3,
    mostPublications: 8,
    say: (text) => context.diagnostic(text),
  });
  const done = deeds.filter(({ outcome }) => outcome === 'done').length;
  context.diagnostic(
    `${kills} kills, ${done} of ${deeds.length} done, all read ${(recoveryMs / 1_000).toFixed(1)} s after`,
  );
  assert.deepEqual(violations, []);
  assert.ok(kills >= 2 && publications >= 4 && done > 10, `${kills} kills, ${publications} publications, ${done} done`);
});
