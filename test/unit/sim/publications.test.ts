/** What the availability experiment rests on: the binomial, the parts of publications and files, and the liar that denies. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionOf } from '../../../src-main/core/publish/slot.ts';
import { verifyRecord } from '../../../src-main/core/wire/record.ts';
import { Network } from '../../sim/engine/network.ts';
import { place } from '../../sim/engine/topology.ts';
import { atLeast, survival } from '../../sim/publications/binomial.ts';
import { deny } from '../../sim/publications/denial.ts';
import { isReadable, makePublication, segmentsOf } from '../../sim/publications/made.ts';
import { retrieveAll } from '../../sim/publications/retrieving.ts';
import { holdersOf, readableByPlacement } from '../../sim/publications/survivors.ts';
import { insertAll } from '../../sim/workloads/spread.ts';

test('the binomial agrees with counting all cases', () => {
  // 2 of 3 with p = 0.5: 4 of 8 cases; 1 of 2 with p = 0.9: all but 0.01.
  assert.ok(Math.abs(atLeast(2, 3, 0.5) - 0.5) < 1e-12);
  assert.ok(Math.abs(atLeast(1, 2, 0.9) - 0.99) < 1e-12);
  assert.equal(atLeast(0, 5, 0.3), 1);
  assert.equal(atLeast(3, 3, 1), 1);
  assert.equal(atLeast(1, 3, 0), 0);
  // The smallest terms of 192 blocks are below what a double holds.
  assert.ok(Math.abs(atLeast(1, 192, 1e-6) - (1 - (1 - 1e-6) ** 192)) < 1e-9);
  assert.equal(survival(0.5, 4), 0.9375);
});

test('a file of 10 MiB has the segments of the production code', () => {
  assert.deepEqual(
    segmentsOf(10 * 2 ** 20, 7).map(({ data, check }) => [data, check]),
    [
      [128, 64],
      [128, 64],
      [65, 33],
    ],
  );
});

test('publications are stored, found, lost with their holders and hidden by liars', () => {
  const network = new Network({ seed: 5, nodes: 30, conditions: { natShare: 0 } });
  const random = network.newRandom(10);
  place(network);
  const made = Array.from({ length: 4 }, () => makePublication(network, random, 3, 10));
  const records = made.flatMap(({ parts }) => parts.flatMap((part) => part.records));
  for (const { parts } of made) {
    assert.deepEqual(
      parts[0]!.records.map(({ address }) => regionOf(address, 10)),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    );
  }
  for (const { address, record } of records)
    assert.ok(verifyRecord(network.crypto, record, address, network.parameters.payloadBytes).ok);

  const outcomes = insertAll({ network, random, perSecond: 10 }, records);
  assert.ok(outcomes.every(({ result }) => result.ok));
  const holders = holdersOf(network, made);
  assert.ok(records.every((record) => holders.get(record)!.length >= 4));
  assert.equal(readableByPlacement(30, random, 0, 3, made, holders).mean, 1);
  assert.equal(readableByPlacement(30, random, 1, 3, made, holders).mean, 0);

  const found = retrieveAll(network, random, network.nodes, made);
  assert.equal(found.size, records.length);
  const two = new Set(made[0]!.parts[0]!.records.slice(0, 2));
  assert.equal(
    isReadable(made[0]!, (record) => two.has(record)),
    false,
  );

  // Never read before, so nobody has it in a cache.
  const unread = makePublication(network, random, 3, 10);
  insertAll({ network, random, perSecond: 10 }, unread.parts[0]!.records);
  const reader = network.nodes[0]!;
  const own = holdersOf(network, [unread]);
  for (const node of network.nodes.slice(1)) deny(network, node);
  const hidden = retrieveAll(network, random, [reader], [unread]);
  assert.ok(
    unread.parts[0]!.records.every((record) => hidden.has(record) === own.get(record)!.includes(0)),
    'a reader among liars finds what is on its own disk',
  );
});
