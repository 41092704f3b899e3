/** The eyes of the colluders on a network of production cores: what they see is what came, and the estimators use it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runBursts } from '../../../sim/anonymity/engine/bursts.ts';
import { knownNetwork } from '../../../sim/anonymity/engine/known-network.ts';
import { firstSpy } from '../../../sim/anonymity/estimators/first-spy.ts';
import { RouteBook } from '../../../sim/anonymity/routes.ts';
import { honestNodes } from '../../../sim/anonymity/topology.ts';
import { Network } from '../../../sim/engine/network.ts';
import { place } from '../../../sim/engine/topology.ts';
import { makeContent } from '../../../sim/workloads/records.ts';

for (const purpose of ['insert', 'request'] as const) {
  test(`${purpose}s with cores: stems, first hops, HTL and answers are seen as they are`, () => {
    const network = new Network({ seed: 8, nodes: 60, parameters: { stemEndsOneIn: 3 } });
    place(network);
    const random = network.newRandom(50);
    const colluding = new Uint8Array(60);
    for (let node = 0; node < 60; node += 5) colluding[node] = 1;
    const graph = knownNetwork(network, colluding);
    const works = honestNodes(colluding).map((origin) => ({
      origin,
      records: [makeContent(network, random), makeContent(network, random)],
    }));
    const common = { network, random, colluding, window: 2, pace: 'answers', spreadMs: 10_000 } as const;
    let result = runBursts({ ...common, purpose: 'insert' }, works);
    if (purpose === 'request') result = runBursts({ ...common, purpose }, works);
    assert.ok(result.success > 0.98, `${result.success}`);
    assert.ok(Math.min(...result.stemHops) >= 1, 'every message has a stem of one hop at least');
    const routes = new RouteBook(graph.topology, colluding, result.places, 10);
    let first = 0;
    for (const { truth, puzzle } of result.posed) {
      const [activity] = puzzle.activities;
      for (const sighting of activity!.sightings) {
        assert.equal(colluding[sighting.colluder], 1);
        assert.equal(sighting.stem, sighting.htl === undefined);
        assert.ok(sighting.htl === undefined || sighting.htl <= 10);
      }
      if (!truth.colluderFirst) continue;
      first += 1;
      const adversary = { ...graph, stem: undefined, maxHtl: 10 };
      assert.equal(firstSpy.guess(puzzle, adversary, routes).node, truth.origin);
      assert.ok(
        activity!.answers.some((answer) => answer.to === truth.origin),
        'the answer went back to it',
      );
    }
    assert.ok(first > 2, 'some origins had a colluder first');
  });
}
