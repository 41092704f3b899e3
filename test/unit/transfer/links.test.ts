/** Links that a transfer needs stay while it needs them, whatever search and routing think of them; and go when nobody does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '../../../shared/base/bytes.ts';
import { PEER_LINK_IDLE_MS } from '../../../src-main/core/limits.ts';
import { crypto, Stage } from '../../support/search-stage.ts';
import type { Puppet } from '../../support/search-stage.ts';

const ROOT = new Uint8Array(32).fill(3);
const LONG_MS = 3 * PEER_LINK_IDLE_MS;

/** A node that loads from one source, which it dialled, and has a place in its queue. */
function loading(): { stage: Stage; source: Puppet } {
  const stage = new Stage();
  const { publicKey } = crypto.keyPairFromSeed(crypto.hash('puppet', new TextEncoder().encode('source')));
  const sources = [{ publicKey }];
  stage.handle({ type: 'download', operation: 1, root: ROOT, sources, held: undefined });
  assert.deepEqual(stage.dialled, [toHex(publicKey)]);
  const source = stage.meet('source', true, '198.51.100.9', true);
  assert.equal(stage.core.tableSizes()['neighbours'], 0, 'the link is no neighbour’s');
  source.sayTransfer({ type: 'offer', root: ROOT, sizeBytes: 10, held: undefined });
  source.sayTransfer({ type: 'place', root: ROOT, place: 3, waiting: 9 });
  return { stage, source };
}

/** The source says again where in its queue this node is, as it does. */
function waitInQueue(stage: Stage, source: Puppet): void {
  for (let second = 0; second < LONG_MS / 1_000; second += 1) {
    stage.run(1_000);
    source.sayTransfer({ type: 'place', root: ROOT, place: 3, waiting: 9 });
  }
}

test('a link to a source stays while the download lasts, and goes when it ends', () => {
  const { stage, source } = loading();
  waitInQueue(stage, source);
  assert.ok(source.isOpen);
  assert.equal(stage.core.download(1)?.sources[0]?.state, 'queued');
  stage.handle({ type: 'downloadStop', operation: 1 });
  assert.ok(!source.isOpen);
});

test('a link by which somebody loads from here stays while it does, and is closed by search when it is idle', () => {
  const stage = new Stage();
  stage.handle({ type: 'uploadSlots', slots: 0, ofUser: 1 });
  const user = stage.meet('user', true);
  user.sayTransfer({ type: 'ask', root: ROOT });
  for (const { effect } of stage.take('findServed'))
    stage.handle({ type: 'servedFound', effect, file: { sizeBytes: 10, held: undefined } });
  stage.run(LONG_MS);
  assert.ok(user.isOpen);
  user.sayTransfer({ type: 'over', root: ROOT });
  stage.run(LONG_MS);
  assert.ok(!user.isOpen);
});

test('a source whose link broke is dialled again at once', () => {
  const { stage, source } = loading();
  source.leave();
  assert.ok(
    stage.run(5_000, () => stage.dialled.length === 2),
    'within seconds, not after the rest of a failed dial',
  );
});
