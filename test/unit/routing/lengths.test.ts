/** Which links a node wants: properties of src-main/core/links/lengths.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NEAR_LINKS_OF_SIDE } from '../../../src-main/core/limits.ts';
import { fillsGap, mostRedundant, nearEdge, offsetOf, wantedPlace } from '../../../src-main/core/links/lengths.ts';
import type { LinkLength } from '../../../src-main/core/links/lengths.ts';
import { distance } from '../../../src-main/core/routing/location.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const offset = fc.double({ min: -0.5, max: 0.5, noNaN: true });
const lengths: fc.Arbitrary<LinkLength[]> = fc
  .array(fc.record({ offset, useful: fc.nat(50), isExempt: fc.boolean() }), { maxLength: 40 })
  .map((links) => links.map((link, index) => ({ ...link, link: index + 1 })));

/** The links of a side that are kept because they are the nearest, whatever stands between equals. */
function isNear(links: readonly LinkLength[], link: LinkLength): boolean {
  const nearer = links.filter(
    (other) => other.offset >= 0 === link.offset >= 0 && Math.abs(other.offset) < Math.abs(link.offset),
  );
  return nearer.length < NEAR_LINKS_OF_SIDE - 1;
}

test('an offset is the shorter way round with its direction, and leads back to the place', () => {
  fc.assert(
    fc.property(place, place, (own, other) => {
      const away = offsetOf(own, other);
      assert.ok(away >= -0.5 && away <= 0.5);
      assert.ok(Math.abs(Math.abs(away) - distance(own, other)) < 1e-12);
      assert.ok(distance((own + away + 1) % 1, other) < 1e-12);
    }),
  );
  assert.ok(Math.abs(offsetOf(0.95, 0.05) - 0.1) < 1e-12);
  assert.ok(Math.abs(offsetOf(0.05, 0.95) + 0.1) < 1e-12);
});

test('the link that is given up is never one of the nearest of its side, nor one that is exempt', () => {
  let named = 0;
  fc.assert(
    fc.property(lengths, (links) => {
      const chosen = mostRedundant(links);
      const mayGo = links.filter((link) => !link.isExempt && !isNear(links, link));
      if (chosen === undefined) return;
      named += 1;
      const link = links.find((each) => each.link === chosen)!;
      assert.equal(link.isExempt, false);
      assert.ok(mayGo.includes(link));
      // On its side there are two others that are no farther.
      const side = links.filter((each) => each.offset >= 0 === link.offset >= 0 && each !== link);
      assert.ok(side.filter((each) => Math.abs(each.offset) <= Math.abs(link.offset)).length >= NEAR_LINKS_OF_SIDE);
    }),
    { numRuns: 1_000, seed: 1 },
  );
  assert.ok(named > 300, `${named} of 1,000 named one`);
});

test('of links that are all as useful the one in the crowd is given up', () => {
  const at = (offsets: readonly number[]): LinkLength[] =>
    offsets.map((each, index) => ({ link: index + 1, offset: each, useful: 1, isExempt: false }));
  // 0.101 stands next to 0.1: without it hardly anything is missing.
  const crowded = at([0.001, 0.002, 0.01, 0.1, 0.101, -0.001, -0.002, -0.02, -0.2]);
  assert.ok([4, 5].includes(mostRedundant(crowded)!));
  const inner = at([0.001, 0.002, 0.02, 0.0201, 0.08, 0.3, -0.001, -0.002, -0.02, -0.2]);
  assert.ok([3, 4].includes(mostRedundant(inner)!));
  // A useful one of the two stays.
  const useful = crowded.map((link) => (link.link === 4 ? { ...link, useful: 20 } : link));
  assert.equal(mostRedundant(useful), 5);
});

test('places for long links are drawn with density 1/d: evenly over the logarithm of the distance, on both sides', () => {
  const random = seededRandom(3);
  const near: LinkLength[] = [0.001, 0.002, -0.001, -0.002].map((each, index) => ({
    link: index + 1,
    offset: each,
    useful: 0,
    isExempt: false,
  }));
  for (const own of [0.02, 0.5, 0.97]) {
    const [low, high] = [Math.log(0.002), Math.log(0.5)];
    const buckets = Array.from({ length: 4 }, () => 0);
    let clockwise = 0;
    const draws = 4_000;
    for (let draw = 0; draw < draws; draw += 1) {
      // One link at a time is what is missing; those that there are repel it, here the near ones only.
      const wanted = wantedPlace(own, draw % 2 === 0 ? [] : near, random);
      assert.ok(wanted >= 0 && wanted < 1);
      const away = offsetOf(own, wanted);
      if (away >= 0) clockwise += 1;
      if (draw % 2 === 1) continue;
      const share = (Math.log(Math.abs(away)) - low) / (high - low);
      if (share >= 0) buckets[Math.min(3, Math.floor(share * 4))]! += 1;
    }
    assert.ok(Math.abs(clockwise / draws - 0.5) < 0.05);
    const all = buckets.reduce((sum, count) => sum + count, 0);
    // Evenly over the length itself would put nine tenths into the last quarter.
    for (const count of buckets) assert.ok(Math.abs(count / all - 0.25) < 0.05, buckets.join(' '));
  }
});

test('a wanted place keeps away from the links there are, and no nearer than the near ones', () => {
  const random = seededRandom(4);
  const links: LinkLength[] = [0.001, 0.002, 0.1, -0.001, -0.002, -0.1].map((each, index) => ({
    link: index + 1,
    offset: each,
    useful: 0,
    isExempt: false,
  }));
  let close = 0;
  for (let draw = 0; draw < 1_000; draw += 1) {
    const away = Math.abs(offsetOf(0.3, wantedPlace(0.3, links, random)));
    assert.ok(away >= 0.002 - 1e-9 && away <= 0.5);
    if (Math.abs(Math.log(away / 0.1)) < 0.3) close += 1;
  }
  // Drawn blindly, 11 % would fall that near to a link of the same length.
  assert.ok(close < 20, `${close} of 1,000`);
});

test('a link fills a gap where no other of its side is about as long', () => {
  const links: LinkLength[] = [0.001, 0.002, 0.02, 0.2].map((each, index) => ({
    link: index + 1,
    offset: each,
    useful: 0,
    isExempt: false,
  }));
  assert.equal(fillsGap(links, 0.063), true);
  assert.equal(fillsGap(links, 0.021), false);
  assert.equal(fillsGap(links, 0.19), false);
  // The other side is empty.
  assert.equal(fillsGap(links, -0.02), true);
  assert.equal(nearEdge(links, 0.1), 0.002);
  assert.equal(nearEdge(links, -0.1), 0.5);
});
