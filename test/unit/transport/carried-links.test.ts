/** When a link that a neighbour carries is tried without, and that it does not go to and fro. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CarriedLinks } from '../../../src-main/transport/hyperswarm/relay/carried-links.ts';
import {
  DIAL_ALONE_MS,
  FIRST_DIRECT_TRY_MS,
  LASTING_MS,
  MAX_DIRECT_TRY_MS,
  MAX_OUTCOMES,
  NEEDS_RELAY_MS,
} from '../../../src-main/transport/hyperswarm/relay/limits.ts';

const KEY = new Uint8Array(32);

class World {
  nowMs = 0;
  readonly tries: number[] = [];
  readonly carried = new CarriedLinks(() => this.tries.push(this.nowMs));

  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (; this.nowMs < untilMs; this.nowMs += 500) this.carried.tick(this.nowMs);
  }
}

describe('links that neighbours carry', () => {
  it('are tried without after a minute, then less and less often, by the end that began them', () => {
    const world = new World();
    world.carried.up('a', KEY, true, 0);
    world.carried.up('b', KEY, false, 0);
    world.pass(2 * 60 * 60_000);
    const rests = world.tries.slice(1).map((at, index) => at - world.tries[index]!);
    assert.equal(world.tries[0], FIRST_DIRECT_TRY_MS);
    assert.deepEqual(
      rests.slice(0, 3),
      [2, 4, 8].map((factor) => factor * FIRST_DIRECT_TRY_MS),
    );
    assert.ok(rests.slice(3).every((rest) => rest === MAX_DIRECT_TRY_MS));
  });

  it('are tried at once when the network changed, and no more when they are gone', () => {
    const world = new World();
    world.carried.up('a', KEY, true, 0);
    world.carried.hurry(0);
    world.pass(1_000);
    assert.equal(world.tries.length, 1);
    world.carried.down('a', world.nowMs);
    world.pass(60 * 60_000);
    assert.equal(world.tries.length, 1);
  });

  it('are asked for at once for a while after they ended, and not once the node was met', () => {
    const { carried } = new World();
    assert.equal(carried.aloneMs('a', 0), DIAL_ALONE_MS);
    carried.up('a', KEY, true, 0);
    carried.down('a', 1_000);
    assert.equal(carried.aloneMs('a', NEEDS_RELAY_MS), 0);
    assert.equal(carried.aloneMs('a', 1_000 + NEEDS_RELAY_MS), DIAL_ALONE_MS);
    carried.up('a', KEY, true, 2_000);
    carried.met('a', 3_000);
    carried.down('a', 3_000); // the connection that the link has left
    assert.equal(carried.aloneMs('a', 4_000), DIAL_ALONE_MS);
  });

  it('whose own way does not last are tried less often, and asked for at once', () => {
    const world = new World();
    const { carried } = world;
    for (let round = 0; round < 3; round += 1) {
      carried.up('a', KEY, true, world.nowMs);
      const before = world.tries.length;
      const fromMs = world.nowMs;
      while (world.tries.length === before) world.pass(500);
      assert.equal(world.tries.at(-1)! - fromMs, FIRST_DIRECT_TRY_MS * 2 ** round);
      carried.met('a', world.nowMs);
      carried.lost('a', world.nowMs + LASTING_MS - 1);
      assert.equal(carried.aloneMs('a', world.nowMs + LASTING_MS), 0);
    }
    carried.up('a', KEY, true, world.nowMs);
    carried.met('a', world.nowMs);
    carried.lost('a', world.nowMs + LASTING_MS);
    assert.equal(carried.aloneMs('a', world.nowMs + LASTING_MS), DIAL_ALONE_MS, 'it lasted');
  });

  it('are remembered within a bound', () => {
    const { carried } = new World();
    for (let number = 0; number <= MAX_OUTCOMES; number += 1) carried.up(String(number), KEY, false, 0);
    assert.equal(carried.aloneMs('0', 1), DIAL_ALONE_MS);
    assert.equal(carried.aloneMs('1', 1), 0);
  });
});
