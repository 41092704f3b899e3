/** Each estimator on traces where the right answer can be seen by eye. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bayes } from '../../../sim/anonymity/estimators/bayes.ts';
import { counting } from '../../../sim/anonymity/estimators/counting.ts';
import { firstSpy } from '../../../sim/anonymity/estimators/first-spy.ts';
import { idTrail } from '../../../sim/anonymity/estimators/id-trail.ts';
import { predecessor } from '../../../sim/anonymity/estimators/predecessor.ts';
import { timing } from '../../../sim/anonymity/estimators/timing.ts';
import { topHtl } from '../../../sim/anonymity/estimators/top-htl.ts';
import { activity, adversary, handMade, ring, routesTo, RULE, sighting } from './hand-made.ts';

const EIGHT = handMade(8, ring(8));

test('nothing seen: no estimator names a node', () => {
  const known = adversary(EIGHT, [0], RULE);
  const nothing = { activities: [activity(0, [])] };
  for (const estimator of [firstSpy, counting, topHtl, idTrail, predecessor, bayes, timing]) {
    assert.equal(estimator.guess(nothing, known, routesTo(known, [])).node, undefined, estimator.name);
  }
});

test('first-spy: who handed the earliest to a colluder, whatever came later and more often', () => {
  const known = adversary(EIGHT, [0, 4], RULE);
  const seen = [
    sighting({ atMs: 5, colluder: 4, from: 3 }),
    sighting({ atMs: 6, colluder: 0, from: 7, message: 1 }),
    sighting({ atMs: 7, colluder: 0, from: 7, message: 2 }),
  ];
  assert.equal(firstSpy.guess({ activities: [activity(3, seen)] }, known, routesTo(known, [0, 0, 0])).node, 3);
});

test('counting: a neighbour that gives its even share is taken before one that gives an even share of that', () => {
  // Node 1 has four neighbours, one of them the colluder 0; node 2 has four as well, the colluder 5 among them.
  const star = handMade(8, [...ring(8), [1, 4], [1, 6], [2, 5], [2, 7]]);
  const known = adversary(star, [0, 5]);
  const share = Array.from({ length: 10 }, (_, message) => sighting({ colluder: 0, from: 1, message }));
  const less = Array.from({ length: 3 }, (_, message) => sighting({ colluder: 5, from: 2, message: 20 + message }));
  const guess = counting.guess({ activities: [activity(40, [...less, ...share])] }, known, routesTo(known, []));
  assert.equal(guess.node, 1);
  assert.ok(guess.confidence > 0.9);
});

test('counting: messages that lost more than one of their HTL do not count', () => {
  const known = adversary(EIGHT, [0, 4]);
  const far = Array.from({ length: 9 }, (_, message) => sighting({ colluder: 0, from: 7, message, htl: 15 }));
  const near = [sighting({ colluder: 4, from: 3, message: 9, htl: 17 })];
  assert.equal(counting.guess({ activities: [activity(10, [...far, ...near])] }, known, routesTo(known, [])).node, 3);
});

test('top-htl: the neighbour with the most messages that lost nothing', () => {
  const known = adversary(EIGHT, [0, 4]);
  const seen = [
    sighting({ colluder: 0, from: 7, htl: 17 }),
    sighting({ colluder: 0, from: 7, htl: 17, message: 1 }),
    sighting({ colluder: 4, from: 5, message: 2 }),
  ];
  assert.equal(topHtl.guess({ activities: [activity(3, seen)] }, known, routesTo(known, [])).node, 5);
});

test('id-trail: routes that would have met these colluders in this order have one beginning', () => {
  // On a ring of twelve, to 6: 3 gets it from 2 if it began at 1 or 2; 0 would send it the other way round. With HTL 17 a
  // hop at least lay before 2.
  const known = adversary(handMade(12, ring(12)), [3, 5, 11]);
  const seen = [
    sighting({ atMs: 1, colluder: 3, from: 2, id: 'a', htl: 17 }),
    sighting({ atMs: 3, colluder: 5, from: 4, id: 'a', htl: 15 }),
  ];
  const guess = idTrail.guess({ activities: [activity(1, seen)] }, known, routesTo(known, [6]));
  assert.deepEqual(guess, { node: 1, confidence: 1 });
});

test('predecessor: noted in most activities', () => {
  const known = adversary(EIGHT, [0, 4], RULE);
  const activities = [5, 7, 3, 7, 7].map((from) =>
    activity(1, [sighting({ colluder: from === 7 ? 0 : 4, from, stem: true })]),
  );
  const guess = predecessor.guess({ activities }, known, routesTo(known, [0]));
  assert.equal(guess.node, 7);
  assert.equal(guess.confidence, 3 / 5);
});

test('bayes: without stems the only beginning that explains what was seen and what was not', () => {
  const known = adversary(handMade(12, ring(12)), [0, 6]);
  // Towards 11 and 7, one each side, from 3: both pass a colluder on the third hop; from 2 or 4 one would on the second,
  // and could not have lost two of its HTL.
  const seen = [
    sighting({ message: 0, colluder: 0, from: 1, htl: 16 }),
    sighting({ message: 1, colluder: 6, from: 5, htl: 16 }),
  ];
  const guess = bayes.guess({ activities: [activity(3, seen)] }, known, routesTo(known, [11, 7, 4]));
  assert.equal(guess.node, 3);
  assert.ok(guess.confidence > 0.9, `${guess.confidence}`);
});

test('bayes: of a stem seen in several epochs with new successors, the node next to all of them', () => {
  // 1 is linked to 2, 3, 4, each of which is linked to a colluder and to others.
  const links = [
    [1, 2],
    [1, 3],
    [1, 4],
    [2, 5],
    [3, 6],
    [4, 7],
    [2, 8],
    [3, 9],
    [4, 10],
    [8, 9],
    [9, 10],
    [0, 1],
  ] as const;
  const known = adversary(handMade(11, links), [5, 6, 7], RULE);
  const activities = [
    activity(1, [sighting({ colluder: 5, from: 2, stem: true })]),
    activity(1, [sighting({ colluder: 6, from: 3, stem: true })]),
    activity(1, [sighting({ colluder: 7, from: 4, stem: true })]),
  ];
  assert.equal(bayes.guess({ activities }, known, routesTo(known, [0])).node, 1);
  // With all draws kept these three cannot be one origin's first stem, and one sighting alone points to who handed it over.
  assert.equal(bayes.guess({ activities: activities.slice(0, 1) }, known, routesTo(known, [0])).node, 2);
});

test('timing: the lag between answers and the messages after them tells a relay from an origin', () => {
  // 2 hands stems to the colluder 5; behind it are 1 (7 ms farther) and 8 (52 ms).
  const links = [
    [1, 2],
    [2, 5],
    [2, 8],
    [0, 1],
    [8, 9],
    [0, 9],
  ] as const;
  const topology = handMade(10, links);
  const known = adversary(topology, [5], { ...RULE, endsOneIn: 10 });
  const answersOf = (origin: number) => {
    const path = origin === 2 ? [2, 5] : [origin, 2, 5];
    const oneWayMs = path.slice(1).reduce((sum, node, index) => sum + topology.latencyMs(path[index]!, node), 0);
    const sightings = [sighting({ colluder: 5, from: 2, stem: true })];
    const answers = [];
    for (let message = 1; message <= 60; message += 1) {
      // Uneven, so that no other difference of time comes back as often.
      const answeredMs = message * 900 + 37 * (message % 7) + 11 * (message % 5);
      answers.push({ atMs: answeredMs, colluder: 5, to: 2, message: message - 1 });
      sightings.push(sighting({ atMs: answeredMs + 2 * oneWayMs, colluder: 5, from: 2, stem: true, message }));
    }
    return { activities: [activity(61, sightings, answers)] };
  };
  const routes = routesTo(
    known,
    Array.from({ length: 61 }, () => 0),
  );
  for (const origin of [2, 1, 8]) assert.equal(timing.guess(answersOf(origin), known, routes).node, origin);
  // The same sightings tell the Bayesian estimator, which has no clock, nothing of this.
  assert.equal(bayes.guess(answersOf(8), known, routes).node, 2);
});
