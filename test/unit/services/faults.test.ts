/** What others did to the node, as its status tells it: from the core's counts and the transport's reasons for ending a link. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_KINDS } from '../../../shared/ipc/network-model.ts';
import { Statistics } from '../../../src-main/core/routing/statistics.ts';
import { faultsOf } from '../../../src-main/services/node/faults.ts';

/** Each count with another number, so that none can stand for another. */
function statistics(): Statistics {
  const counts = new Statistics();
  for (const [index, name] of Object.keys(counts).entries()) counts[name as 'garbage'] = 100 + index;
  return counts;
}

test('a node that nobody harmed tells of nothing', () => {
  assert.deepEqual(faultsOf(new Statistics(), {}), {});
  assert.deepEqual(faultsOf(undefined, {}), {});
});

test('each count of the core stands under its own kind', () => {
  const counts = statistics();
  assert.deepEqual(faultsOf(counts, {}), {
    garbage: counts.garbage,
    'hung-up': counts.hungUp,
    'no-hello': counts.helloless,
    'no-room': counts.turnedAway,
    overload: counts.refused,
    'over-budget': counts.overBudget,
    flood: counts.floods,
    repeated: counts.loops,
    stray: counts.stray,
    contradiction: counts.contradictions,
  });
});

test('links that the transport ended are told by why, and both that have no room together', () => {
  const closings = {
    ...{
      violation: 1,
      oversized: 2,
      overrun: 3,
      'too-slow': 4,
      'handshake-timeout': 5,
      crowded: 6,
      full: 7,
      prefix: 8,
    },
  };
  const faults = faultsOf(new Statistics(), closings);
  assert.deepEqual(faults, {
    'broken-frames': 1,
    oversized: 2,
    overrun: 3,
    'too-slow': 4,
    handshake: 5,
    crowded: 6,
    'no-room': 15,
  });
});

test('what the core and the transport both turned away is one number', () => {
  const counts = new Statistics();
  counts.turnedAway = 20;
  assert.deepEqual(faultsOf(counts, { full: 3 }), { 'no-room': 23 });
});

test('links that ended as links do are no fault of anybody', () => {
  const closings = { asked: 1, stopped: 1, remote: 1, duplicate: 1, replaced: 1, dismissed: 1, self: 1, gone: 1 };
  assert.deepEqual(faultsOf(new Statistics(), closings), {});
});

test('every kind can come about, and they come in the order in which they are told', () => {
  const all = { violation: 1, oversized: 1, overrun: 1, 'too-slow': 1, 'handshake-timeout': 1, crowded: 1, full: 1 };
  assert.deepEqual(Object.keys(faultsOf(statistics(), all)), [...FAULT_KINDS]);
});
