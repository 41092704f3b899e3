/** Each checker complains of a node that is made to break what it checks, and says nothing of one that is not. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Effect, NodeEvent } from '../../../src-main/core/effects.ts';
import { decodeRouteMessage, encodeRouteMessage } from '../../../src-main/core/wire/messages.ts';
import { AcknowledgedKept } from '../../sim/checkers/acknowledged-kept.ts';
import { ANSWER_LIMIT_MS, AnswersArrive } from '../../sim/checkers/answers-arrive.ts';
import { BoundedTables, TABLE_BOUNDS } from '../../sim/checkers/bounded-tables.ts';
import { Watch } from '../../sim/checkers/checker.ts';
import type { Checker, Complain, Violation } from '../../sim/checkers/checker.ts';
import { VerifiedRecords } from '../../sim/checkers/verified-records.ts';
import { WellFormed } from '../../sim/checkers/well-formed.ts';
import { Network } from '../../sim/engine/network.ts';
import type { SimNode } from '../../sim/engine/sim-node.ts';
import { build } from '../../sim/engine/topology.ts';
import { makeContent } from '../../sim/workloads/records.ts';
import { insertAll, requestAll } from '../../sim/workloads/spread.ts';

type Make = (network: Network, complain: Complain) => Checker;

/** Runs some traffic over eight nodes, of which `sabotage` breaks what it wants; gives what the checker said. */
function complaints(make: Make, sabotage: (network: Network) => void = () => {}, afterMs = 0): readonly Violation[] {
  const network = new Network({ seed: 8, nodes: 8, conditions: { natShare: 0 } });
  build(network, 'placed');
  const watch = new Watch(network);
  watch.add(make);
  watch.every(1_000);
  sabotage(network);
  const random = network.newRandom(10);
  const items = Array.from({ length: 12 }, () => makeContent(network, random));
  insertAll({ network, random, perSecond: 4 }, items);
  for (const node of network.nodes) node.store.clearCache();
  requestAll({ network, random, perSecond: 4 }, items);
  network.runFor(afterMs);
  return watch.end();
}

/** Lets a node's core be changed on its way from events to effects. */
function rewire(node: SimNode, change: (event: NodeEvent, effects: Effect[]) => Effect[]): void {
  const handle = node.core.handle.bind(node.core);
  node.core.handle = (event, nowMs) => change(event, handle(event, nowMs));
}

const ofNode = (violations: readonly Violation[], what: RegExp): Violation[] =>
  violations.filter((violation) => what.test(violation.what));

test('nobody complains of nodes that do as they should', () => {
  const makers: Make[] = [
    (...given) => new VerifiedRecords(...given),
    (...given) => new BoundedTables(...given),
    (...given) => new AnswersArrive(...given),
    (...given) => new AcknowledgedKept(...given),
    (...given) => new WellFormed(...given),
  ];
  for (const make of makers) assert.deepEqual(complaints(make), []);
});

test('a record that was changed on the way is noticed where an honest node hands it on', () => {
  const found = complaints(
    (...given) => new VerifiedRecords(...given),
    (network) => {
      for (const node of network.nodes) {
        node.outgoing = (_from, _to, channel, bytes) => {
          const decoded = channel === 'route' ? decodeRouteMessage(bytes) : undefined;
          if (decoded?.ok !== true || decoded.value.type !== 'found') return bytes;
          const record = decoded.value.record.slice();
          record[5]! ^= 1;
          return encodeRouteMessage({ ...decoded.value, record });
        };
      }
    },
  );
  assert.ok(ofNode(found, /handed on a record that does not verify/).length > 0);
});

test('a record that does not verify is noticed where it is stored, and where it is given to the user', () => {
  const found = complaints(
    (...given) => new VerifiedRecords(...given),
    (network) => {
      for (const node of network.nodes) {
        rewire(node, (_event, effects) =>
          effects.map((effect) => {
            if (effect.type === 'write')
              return { ...effect, entry: { ...effect.entry, address: new Uint8Array(32).fill(7) } };
            if (effect.type !== 'requestDone' || !effect.result.ok) return effect;
            return { ...effect, result: { ...effect.result, record: new Uint8Array(65).fill(1) } };
          }),
        );
      }
    },
  );
  assert.ok(ofNode(found, /stored a record that does not verify/).length > 0);
  // The stored ones are never found under their own addresses, so the requests are answered from nowhere else.
  const given = complaints(
    (...makers) => new VerifiedRecords(...makers),
    (network) => {
      for (const node of network.nodes) {
        rewire(node, (event, effects) => {
          if (event.type !== 'request') return effects;
          const result = { ok: true, record: new Uint8Array(65).fill(1), hops: 0 } as const;
          return [{ type: 'requestDone', operation: event.operation, result }];
        });
      }
    },
  );
  assert.ok(ofNode(given, /gave its user a record that does not verify/).length > 0);
});

test('a table over its bound is noticed, and one without a bound', () => {
  const found = complaints(
    (...given) => new BoundedTables(...given),
    (network) => {
      const node = network.nodes[3]!;
      node.core.tableSizes = () => ({ neighbours: TABLE_BOUNDS['neighbours']! + 1, hoard: 1 });
    },
  );
  assert.ok(found.some(({ node, what }) => node === 3 && what.includes('its table neighbours holds 65')));
  assert.equal(ofNode(found, /table hoard has no bound/).length, 1);
});

test('every table of the core has a bound here', () => {
  const network = new Network({ seed: 1, nodes: 1 });
  for (const table of Object.keys(network.nodes[0]!.core.tableSizes())) assert.ok(table in TABLE_BOUNDS, table);
});

test('an operation that never ends is noticed, and one that ends twice', () => {
  const silent = complaints(
    (...given) => new AnswersArrive(...given),
    (network) => {
      for (const node of network.nodes)
        rewire(node, (_event, effects) => effects.filter((effect) => effect.type !== 'requestDone'));
    },
    ANSWER_LIMIT_MS,
  );
  assert.equal(ofNode(silent, /request of .* s ago has neither answer nor error/).length, 12);
  const twice = complaints(
    (...given) => new AnswersArrive(...given),
    (network) => {
      for (const node of network.nodes)
        rewire(node, (_event, effects) =>
          effects.flatMap((effect): Effect[] => (effect.type === 'insertDone' ? [effect, effect] : [effect])),
        );
    },
  );
  assert.ok(ofNode(twice, /operations ended that were not under way/).length > 0);
});

test('an insert that was acknowledged with more copies than there are is noticed', () => {
  const found = complaints(
    (...given) => new AcknowledgedKept(...given),
    (network) => {
      for (const node of network.nodes) node.store.isForgetful = true;
    },
  );
  assert.ok(ofNode(found, /was told of \d copies of its record, but 0 disks hold it/).length > 0);
});

test('what was acknowledged must be found while somebody honest who lives keeps it, not where it only passed by', () => {
  const network = new Network({ seed: 8, nodes: 8, conditions: { natShare: 0 } });
  build(network, 'placed');
  const checker = new Watch(network).add((...given) => new AcknowledgedKept(...given));
  const random = network.newRandom(10);
  const items = Array.from({ length: 6 }, () => makeContent(network, random));
  insertAll({ network, random, perSecond: 4 }, items);
  const addresses = items.map(({ address }) => address);
  assert.equal(checker.mustBeFound().length, 6);
  assert.equal(checker.living(addresses), 6);
  const [first] = addresses as [Uint8Array];
  const [last, ...others] = checker.holders(first);
  for (const node of others) node.store.remove(first);
  assert.equal(checker.mustBeFound().length, 6);
  last!.isHostile = true;
  assert.equal(checker.mustBeFound().includes(first), false);
  last!.isHostile = false;
  const { record } = items[0]!;
  last!.store.remove(first);
  last!.store.put({ address: first, record, kind: 'content', place: 'cache' });
  assert.equal(checker.mustBeFound().includes(first), false);
  last!.store.put({ address: first, record, kind: 'content', place: 'store' });
  assert.equal(checker.mustBeFound().includes(first), true);
  network.kill(last!);
  assert.equal(checker.mustBeFound().includes(first), false);
});

test('of hostile nodes nothing is expected', () => {
  const found = complaints(
    (...given) => new AcknowledgedKept(...given),
    (network) => {
      for (const node of network.nodes) {
        node.isHostile = node.index > 0;
        node.store.isForgetful = true;
      }
    },
  );
  assert.deepEqual(found, []);
});

test('a message that does not decode is noticed, and one that is too long', () => {
  const sent = (bytes: Uint8Array): readonly Violation[] =>
    complaints(
      (...given) => new WellFormed(...given),
      (network) => {
        network.nodes[2]!.outgoing = (_from, _to, channel, original) => (channel === 'route' ? bytes : original);
      },
    );
  assert.ok(ofNode(sent(Uint8Array.of(200)), /does not decode: unknown-value/).length > 0);
  assert.ok(ofNode(sent(new Uint8Array(50_000)), /sent 50000 bytes on route/).length > 0);
});
