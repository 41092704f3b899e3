/** A little of `npm run soak -- hostile` each time: a few kinds of hostile peers, some seconds each, against a real node. Counts, no times. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { hostileKinds } from '../hostile/peer-kinds.ts';
import { HostileScene } from '../hostile/peer-scene.ts';

const SEED = 20_261_122;
const SECONDS = 2;
/** Longer where the machine is so busy that the attacker hardly comes to it. */
const PATIENCE_MS = 60_000;
/** Of different kinds of harm: what cannot be read, what verifies and means nothing, what is never taken, and links for their own sake. */
const KINDS = ['garbage: messages', 'valid garbage: messages', 'contradictory slots', 'half-open: neighbours'];
/** Many times what a node holds for a few links (test/soak/lib/hostile-page.ts has the bound of the soak). */
const MOST_ABOVE_MIB = 300;

let scene: HostileScene;
before(async () => {
  scene = await HostileScene.start({ nodes: 3, publications: 4, seed: SEED });
});
after(() => scene?.stop());

for (const name of KINDS) {
  test(`${name}: honest people are served, the node tells of it and holds no more than it may`, async () => {
    const kind = hostileKinds(SEED).find((each) => each.name === name)!;
    const { honest, faults, memory, lostLinks, attack } = await scene.run(kind, SECONDS, PATIENCE_MS);
    assert.ok(attack.opened > 0, 'it had its chance');
    assert.ok(honest.gets > 0 && honest.searches > 0, 'somebody worked');
    assert.deepEqual(honest.failures, {});
    assert.equal(honest.found, honest.searches);
    assert.equal(lostLinks, 0);
    assert.ok(memory.peakMib - memory.beforeMib < MOST_ABOVE_MIB, `${memory.peakMib} MiB`);
    if (kind.seenAs.length > 0)
      assert.ok(
        kind.seenAs.some((fault) => (faults[fault] ?? 0) > 0),
        JSON.stringify(faults),
      );
  });
}
