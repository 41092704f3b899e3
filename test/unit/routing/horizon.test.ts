/** What one or two hops lead to: properties of src-main/core/links/horizon.ts against the plain definition. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Acquaintance } from '../../../src-main/core/links/acquaintances.ts';
import { Horizon } from '../../../src-main/core/links/horizon.ts';
import { Neighbour } from '../../../src-main/core/links/neighbour.ts';
import { distance } from '../../../src-main/core/routing/location.ts';

/** Places are multiples of 2^-53; of these few enough bits that no sum of them is rounded. */
const fraction = fc.nat(2 ** 31 - 1).map((whole) => whole / 2 ** 31);
const place = fc.oneof(
  fraction,
  // Few enough that many stand at one place.
  fc.integer({ min: 0, max: 15 }).map((sixteenths) => sixteenths / 16),
);
const neighbours = Array.from(
  { length: 6 },
  (_, index) =>
    new Neighbour({ link: index + 1, publicKey: new Uint8Array(32).fill(index), initiator: true }, 0, false, false),
);
const change = fc.record({
  kind: fc.constantFrom('add', 'add', 'add', 'remove', 'removeAllOf'),
  node: fc.nat(40),
  via: fc.nat(neighbours.length - 1),
});

interface Pair {
  readonly node: Acquaintance;
  readonly via: Neighbour;
}

function build(places: readonly number[], changes: readonly { kind: string; node: number; via: number }[]) {
  const nodes = places.map<Acquaintance>((location, index) => ({
    key: `${index}`,
    contact: { publicKey: new Uint8Array(32).fill(index) },
    location,
    tellers: undefined,
  }));
  const horizon = new Horizon();
  let pairs: Pair[] = [];
  for (const { kind, node: number, via: by } of changes) {
    const node = nodes[number % nodes.length]!;
    const via = neighbours[by]!;
    const isSame = (pair: Pair): boolean => pair.via === via && pair.node.location === node.location;
    if (kind === 'add') {
      horizon.add(node, via);
      if (!pairs.some(isSame)) pairs.push({ node, via });
    } else if (kind === 'remove') {
      horizon.remove(node, via);
      pairs = pairs.filter((pair) => !isSame(pair));
    } else {
      horizon.removeAllOf(via);
      pairs = pairs.filter((pair) => pair.via !== via);
    }
  }
  return { horizon, pairs };
}

const arbitrary = fc
  .tuple(fc.array(place, { minLength: 1, maxLength: 41 }), fc.array(change, { maxLength: 200 }))
  .map(([places, changes]) => build(places, changes));

test('outward comes by everything once, the nearest first, and ends when it is told to', () => {
  fc.assert(
    fc.property(arbitrary, place, fc.nat(50), ({ horizon, pairs }, target, most) => {
      const seen: { place: number; via: Neighbour; reach: number }[] = [];
      horizon.outward(target, (at, reach, via) => {
        seen.push({ place: at, via, reach });
        return true;
      });
      assert.equal(horizon.size, pairs.length);
      assert.equal(seen.length, pairs.length);
      for (const { place: at, reach } of seen) assert.equal(reach, distance(at, target));
      assert.deepEqual(
        seen.map(({ reach }) => reach),
        pairs.map(({ node }) => distance(node.location!, target)).sort((a, b) => a - b),
      );
      const text = (at: number, via: Neighbour): string => `${at} by ${via.link}`;
      assert.deepEqual(
        seen.map(({ place: at, via }) => text(at, via)).sort(),
        pairs.map(({ node, via }) => text(node.location!, via)).sort(),
      );
      let steps = 0;
      horizon.outward(target, () => (steps += 1) < most);
      assert.equal(steps, Math.min(Math.max(1, most), pairs.length));
    }),
    { numRuns: 300 },
  );
});

test('about finds those within the edges on either side, each once', () => {
  // None on one side too: what lies at the very place is then found from the other.
  const edge = fc.oneof(
    fraction.map((whole) => whole / 2),
    fc.constant(0),
  );
  fc.assert(
    fc.property(arbitrary, place, edge, edge, ({ horizon, pairs }, own, before, after) => {
      const wanted = pairs.filter(({ node }) => {
        const ahead = (node.location! - own + 1) % 1;
        return ahead < after || (own - node.location! + 1) % 1 < before;
      });
      const found = [...horizon.about(own, before, after)];
      assert.equal(new Set(found).size, found.length);
      assert.deepEqual(
        new Set(found.map(({ location }) => location)),
        new Set(wanted.map(({ node }) => node.location)),
      );
    }),
    { numRuns: 300 },
  );
});
