import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { RequestsSchema } from '../../../shared/ipc/model.ts';
import { KIND_CONTENT, contentAddress, encodeRecord } from '../../../src-main/core/wire/record.ts';
import { networkParameters } from '../../../src-main/core/network-parameters.ts';
import { systemClock } from '../../../src-main/services/jobs/clock.ts';
import { Locator } from '../../../src-main/services/node/locator.ts';
import { NodeService } from '../../../src-main/services/node/node-service.ts';
import { LATELY_MS, MAX_LOGGED, RequestLog, percentile } from '../../../src-main/services/node/request-log.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { createMemoryNetwork } from '../../../src-main/transport/memory/transport.ts';
import type { MemoryNetwork } from '../../../src-main/transport/memory/transport.ts';
import { createPasswordHash } from '../../../src-main/workers/sodium/password-hash.ts';
import { StampingPool } from '../../../src-main/workers/stamps/stamper.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { crypto } from '../../support/mesh.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const record = new Uint8Array(1);
const found = (hops: number, afterMs: number) =>
  ({ priority: 'interactive', wasHere: false, afterMs, result: { ok: true, record, hops } }) as const;
const failed = (code: 'not-found' | 'no-route' | 'busy' | 'timeout') =>
  ({ priority: 'bulk', wasHere: false, afterMs: 30_000, result: { ok: false, code } }) as const;

describe('percentiles', () => {
  it('are by nearest rank, in any order, and always one of the values', () => {
    assert.equal(percentile([7], 0.5), 7);
    assert.equal(percentile([7], 0.9), 7);
    assert.equal(percentile([9, 1], 0.5), 1);
    const ten = [3, 10, 1, 2, 9, 4, 8, 5, 7, 6];
    assert.equal(percentile(ten, 0.5), 5);
    assert.equal(percentile(ten, 0.9), 9);
    assert.equal(percentile([...ten, 11], 0.9), 10);
    assert.equal(percentile(ten, 1), 10);
    assert.equal(percentile(ten, 0), 1);
    assert.deepEqual(ten, [3, 10, 1, 2, 9, 4, 8, 5, 7, 6], 'what was given stays as it was');
    assert.ok(Number.isNaN(percentile([], 0.5)));
  });
});

describe('the log of own requests', () => {
  it('has no figures while there is nothing, and says so in the form of the contract', () => {
    const view = new RequestLog(new ManualClock()).view();
    const nothing = { total: 0, outcomes: {} };
    assert.deepEqual(view, { recent: [], lately: nothing, whole: nothing });
    assert.deepEqual(v.parse(RequestsSchema, view), view);
  });

  it('tells outcomes apart, and what was not found from what failed', () => {
    const log = new RequestLog(new ManualClock());
    log.addRequest(found(3, 120.04));
    log.addRequest(found(1, 20));
    log.addInsert({
      priority: 'bulk',
      wasHere: false,
      afterMs: 300,
      result: { ok: true, copies: 4, hops: 2, retries: 0 },
    });
    log.addInsert({ priority: 'bulk', wasHere: false, afterMs: 5, result: { ok: false, code: 'full', retries: 1 } });
    for (const code of ['not-found', 'not-found', 'no-route', 'busy', 'timeout'] as const) log.addRequest(failed(code));
    const view = log.view();
    assert.deepEqual(view.whole, {
      total: 9,
      outcomes: { found: 2, stored: 1, full: 1, 'not-found': 2, 'no-route': 1, busy: 1, timeout: 1 },
      // 3 of the 7 that were not "not found".
      success: 3 / 7,
      hops: { median: 2, p90: 3 },
      afterMs: { median: 120, p90: 300 },
    });
    assert.deepEqual(v.parse(RequestsSchema, view), view);
    assert.deepEqual(view.recent[0], {
      atMs: 1_000_000,
      kind: 'request',
      priority: 'interactive',
      outcome: 'found',
      hops: 3,
      afterMs: 120,
    });
  });

  it('has no success of things that are nowhere, that were here, or that were withdrawn', () => {
    const log = new RequestLog(new ManualClock());
    log.addRequest(failed('not-found'));
    log.addRequest({ ...found(0, 1), wasHere: true });
    log.addRequest({ ...found(0, 1), result: 'cancelled' });
    log.addInsert({ priority: 'bulk', wasHere: false, afterMs: 1, result: 'cancelled' });
    assert.deepEqual(log.view().whole, { total: 4, outcomes: { 'not-found': 1, here: 1, cancelled: 2 } });
    // Where the stem ended there was the record: no greedy hop, but another node.
    log.addRequest(found(0, 1));
    assert.equal(log.view().whole.success, 1);
    assert.deepEqual(log.view().whole.hops, { median: 0, p90: 0 });
    assert.equal(log.view().whole.outcomes.found, 1);
  });

  it('keeps the newest 200, oldest first', () => {
    const clock = new ManualClock();
    const log = new RequestLog(clock);
    for (let count = 0; count < MAX_LOGGED + 50; count += 1) {
      log.addRequest(found(1, count));
      clock.advance(1);
    }
    const { recent, whole } = log.view();
    assert.equal(recent.length, MAX_LOGGED);
    assert.equal(whole.total, MAX_LOGGED);
    assert.equal(recent[0]!.afterMs, 50);
    assert.equal(recent.at(-1)!.afterMs, MAX_LOGGED + 49);
  });

  it('forgets nothing of the whole when ten minutes have gone by, and all of lately', () => {
    const clock = new ManualClock();
    const log = new RequestLog(clock);
    log.addRequest(failed('timeout'));
    clock.advance(LATELY_MS - 1);
    log.addRequest(found(2, 10));
    assert.equal(log.view().lately.success, 0.5);
    clock.advance(1);
    assert.equal(log.view().lately.success, 1);
    assert.equal(log.view().whole.success, 0.5);
    clock.advance(LATELY_MS);
    assert.deepEqual(log.view().lately, { total: 0, outcomes: {} });
    assert.equal(log.view().whole.total, 2);
  });
});

describe('a node', () => {
  const parameters = networkParameters('practice-log');
  function createNode(network: MemoryNetwork, number: number): NodeService {
    const keyPair = crypto.keyPairFromSeed(new Uint8Array(32).fill(number));
    return new NodeService({
      transport: network.createTransport({ publicKey: keyPair.publicKey }),
      store: createMemoryBlockStore({ quotaBytes: 1e9 }),
      crypto,
      random: seededRandom(number),
      clock: systemClock,
      locator: new Locator(createPasswordHash(), crypto, parameters),
      network: parameters,
      keyPair,
      targetLinks: 4,
      storeQuotaBytes: () => 1e9,
      stamper: new StampingPool({ threads: 1 }),
      onDefect: (defect) => {
        throw defect;
      },
    });
  }

  it('logs what it asked for and placed, as it ended', async (context) => {
    const network = createMemoryNetwork({ meet: 1 });
    const [other, node] = [createNode(network, 1), createNode(network, 2)];
    context.after(async () => {
      await node.stop();
      await other.stop();
    });
    await other.start();
    await node.start();
    assert.ok(await node.waitForLinks(1, 10_000));
    const payload = new Uint8Array(parameters.payloadBytes).fill(7);
    const address = contentAddress(crypto, payload);
    const inserted = await node.insert(encodeRecord({ kind: KIND_CONTENT, payload }), { priority: 'bulk' });
    assert.ok(inserted.ok);
    const there = await node.request(address, { kind: 'content', priority: 'interactive', skipOwn: true });
    assert.ok(there.ok);
    const nowhere = await node.request(new Uint8Array(32).fill(9), { kind: 'content', priority: 'bulk' });
    assert.ok(!nowhere.ok);
    const withdrawn = new AbortController();
    const waiting = node.request(new Uint8Array(32).fill(8), {
      kind: 'content',
      // A bulk one would still wait for its clock, and not have begun.
      priority: 'interactive',
      signal: withdrawn.signal,
    });
    await Promise.resolve();
    withdrawn.abort();
    assert.deepEqual(await waiting.then((outcome) => outcome.ok || outcome.code), 'cancelled');
    const { recent, whole } = node.requestLog.view();
    assert.deepEqual(
      recent.map(({ kind, priority, outcome }) => [kind, priority, outcome]),
      [
        ['insert', 'bulk', 'stored'],
        ['request', 'interactive', 'found'],
        ['request', 'bulk', nowhere.code],
        ['request', 'interactive', 'cancelled'],
      ],
    );
    assert.ok(recent.every(({ afterMs }) => afterMs >= 0));
    assert.ok(whole.hops !== undefined && whole.hops.p90 <= 1, 'the only neighbour is one hop away, or ends the stem');
    assert.deepEqual(
      node.neighbours().map(({ busy }) => busy),
      [false],
    );
    // What the other one stores it need not ask for.
    assert.ok((await other.request(address, { kind: 'content', priority: 'bulk' })).ok);
    assert.deepEqual(other.requestLog.view().whole.outcomes, { here: 1 });
  });
});
