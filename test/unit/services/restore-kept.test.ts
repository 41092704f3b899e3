/** A node that starts is told of everything that its store keeps, in pages, and of no more than it looks after. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeEvent } from '../../../src-main/core/effects.ts';
import { MAX_KEPT, MAX_RESTORED_AT_ONCE } from '../../../src-main/core/limits.ts';
import type { KeptPage } from '../../../src-main/core/ports.ts';
import { restoreKept } from '../../../src-main/services/node/restore-kept.ts';
import { createMemoryBlockStore } from '../../../src-main/storage/memory/block-store.ts';
import { seededRandom } from '../../support/seeded-random.ts';

type KeptEvent = Extract<NodeEvent, { type: 'kept' }>;

test('all that is kept is told, a page at a time', async () => {
  const store = createMemoryBlockStore({ quotaBytes: 1e9 });
  const random = seededRandom(1);
  const count = 2 * MAX_RESTORED_AT_ONCE + 7;
  const expected = new Set<string>();
  for (let number = 0; number < count; number += 1) {
    const address = random.bytes(32);
    expected.add(Buffer.from(address).toString('hex'));
    await store.put({ address, record: address, kind: 'content', place: 'store', stamp: new Uint8Array(8) });
    await store.put({ address: random.bytes(32), record: address, kind: 'content', place: 'cache' });
  }
  const events: KeptEvent[] = [];
  await restoreKept(store, (event) => void events.push(event as KeptEvent));
  assert.equal(events.length, 3);
  for (const { type, addresses } of events) assert.ok(type === 'kept' && addresses.length <= MAX_RESTORED_AT_ONCE);
  const told = events.flatMap(({ addresses }) => addresses.map(({ address }) => Buffer.from(address).toString('hex')));
  assert.deepEqual(new Set(told), expected);
  assert.equal(told.length, count);
});

test('a store that has more than the core looks after is not read on', async () => {
  const store = createMemoryBlockStore({ quotaBytes: 1e9 });
  const address = new Uint8Array(32);
  const page = Array.from({ length: MAX_RESTORED_AT_ONCE }, () => ({ address, stamp: new Uint8Array(8) }));
  store.kept = async (): Promise<KeptPage> => ({ addresses: page, next: address });
  let told = 0;
  await restoreKept(store, (event) => void (told += (event as KeptEvent).addresses.length));
  assert.equal(told, MAX_KEPT);
});
