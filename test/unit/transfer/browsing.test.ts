/** Looking through what others share: asked by link or by a new one, bounded on both sides, and believed only as far as it can be true. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect, NodeContext } from '../../../src-main/core/effects.ts';
import {
  BROWSE_TIMEOUT_MS,
  MAX_GARBAGE_OF_LINK,
  MAX_SHELVES_OF_LINK,
  SHELVES_A_SECOND,
  SHELVES_SAVED_SECONDS,
} from '../../../src-main/core/limits.ts';
import { Statistics } from '../../../src-main/core/routing/statistics.ts';
import { Timers } from '../../../src-main/core/routing/timers.ts';
import type { ShelfPage, ShelfQuestion } from '../../../src-main/core/transfer/shelves.ts';
import { Transfers } from '../../../src-main/core/transfer/transfers.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import type { TransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const crypto = createSodiumCrypto();
const TOP: ShelfQuestion = { folder: '', deep: false, after: undefined };
const EMPTY: ShelfPage = { files: 0, sizeBytes: 0, entries: [], more: false };
const keyOf = (link: number): Uint8Array => new Uint8Array(32).fill(link);

class Stage {
  readonly effects: Effect[] = [];
  readonly dropped: number[] = [];
  readonly dialled: Uint8Array[] = [];
  readonly transfers: Transfers;
  readonly #timers = new Timers();
  #nowMs = 0;
  #count = 0;

  constructor() {
    const context: NodeContext = {
      ...{ crypto, random: seededRandom(1), emit: (effect) => this.effects.push(effect) },
      ...{ now: () => this.#nowMs, wallMs: () => this.#nowMs, nextEffect: () => (this.#count += 1) },
    };
    this.transfers = new Transfers({
      ...{ context, timers: this.#timers, networkId: new Uint8Array(16), address: () => undefined },
      statistics: new Statistics(),
      links: {
        dial: ({ publicKey }) => this.dialled.push(publicKey),
        release: () => undefined,
        drop: (link) => this.dropped.push(link),
      },
      keyPair: crypto.keyPairFromSeed(new Uint8Array(32).fill(200)),
    });
  }

  link(link: number): void {
    this.transfers.onPeer({ link, publicKey: keyOf(link), initiator: false });
  }

  ask(operation: number, link: number, question = TOP): void {
    this.transfers.onEvent({ type: 'browse', operation, node: { publicKey: keyOf(link) }, question });
  }

  tell(link: number, message: TransferMessage): void {
    this.transfers.onMessage(link, encodeTransferMessage(message));
  }

  take<Type extends Effect['type']>(type: Type): Extract<Effect, { type: Type }>[] {
    const taken = this.effects.filter((effect) => effect.type === type);
    this.effects.splice(0, this.effects.length, ...this.effects.filter((effect) => effect.type !== type));
    return taken as Extract<Effect, { type: Type }>[];
  }

  sent(): TransferMessage[] {
    return this.take('send').map(({ bytes }) => {
      const decoded = decodeTransferMessage(bytes);
      assert.ok(decoded.ok);
      return decoded.value;
    });
  }

  outcomes(): unknown[] {
    return this.take('browsed').map(({ outcome }) => outcome);
  }

  wait(forMs: number): void {
    this.#nowMs += forMs;
    for (let timer = this.#timers.due(this.#nowMs); timer !== undefined; timer = this.#timers.due(this.#nowMs))
      timer.run();
  }
}

test('a user that is linked is asked at once, another is dialled first; the link stays while it is asked', () => {
  const stage = new Stage();
  stage.ask(1, 5);
  assert.deepEqual(stage.dialled, [keyOf(5)]);
  assert.deepEqual(stage.sent(), []);
  stage.link(5);
  assert.deepEqual(stage.sent(), [{ type: 'browse', id: 1, ...TOP }]);
  assert.ok(stage.transfers.holds(5));
  stage.tell(5, { type: 'shelf', id: 1, shelf: EMPTY });
  assert.deepEqual(stage.outcomes(), [EMPTY]);
  assert.ok(!stage.transfers.holds(5));
  stage.ask(2, 5);
  assert.equal(stage.sent().length, 1);
  stage.tell(5, { type: 'shelf', id: 2, shelf: 'refused' });
  assert.deepEqual(stage.outcomes(), ['refused']);
});

test('who cannot be reached, does not answer, or goes, is said to', () => {
  const stage = new Stage();
  stage.ask(1, 5);
  stage.link(6);
  stage.ask(2, 6);
  stage.wait(BROWSE_TIMEOUT_MS);
  assert.deepEqual(stage.outcomes(), ['offline', 'silent']);
  stage.ask(3, 6);
  stage.transfers.onPeerDown(6);
  assert.deepEqual(stage.outcomes(), ['offline']);
  assert.equal(stage.transfers.tableSizes()['browses'], 0);
});

test('an answer that cannot be true ends it, and counts against who gave it; another’s answer is nobody’s', () => {
  const stage = new Stage();
  stage.link(5);
  stage.link(6);
  for (let id = 1; id <= MAX_GARBAGE_OF_LINK; id += 1) {
    stage.ask(id, 5);
    stage.tell(6, { type: 'shelf', id, shelf: EMPTY });
    assert.deepEqual(stage.outcomes(), []);
    stage.tell(5, { type: 'shelf', id, shelf: { ...EMPTY, more: true } });
    assert.deepEqual(stage.outcomes(), ['lied']);
  }
  assert.deepEqual(stage.dropped, [5]);
});

test('names that lead elsewhere do not come through the decoder', () => {
  const stage = new Stage();
  stage.link(5);
  const file = { kind: 'file', root: new Uint8Array(32), folder: '', name: 'a', sizeBytes: 1, day: 1 } as const;
  const deep = { folder: '', deep: true, after: undefined };
  const hostile = ['..', '.', '', 'a/b', 'a\\b', 'a\0b', 'a\nb', '/etc', 'x'.repeat(256)];
  for (const name of hostile) {
    const bytes = encodeTransferMessage({ type: 'shelf', id: 1, shelf: { ...EMPTY, entries: [{ ...file, name }] } });
    assert.equal(decodeTransferMessage(bytes).ok, false, JSON.stringify(name));
  }
  for (const folder of ['..', '../a', '/a', 'a//b', 'a/..', 'a/', 'a\\..\\b', 'a\0', 'x/'.repeat(300)]) {
    const bytes = encodeTransferMessage({ type: 'shelf', id: 1, shelf: { ...EMPTY, entries: [{ ...file, folder }] } });
    assert.equal(decodeTransferMessage(bytes).ok, false, JSON.stringify(folder));
    assert.equal(decodeTransferMessage(encodeTransferMessage({ type: 'browse', id: 1, ...deep, folder })).ok, false);
  }
});

test('who looks through this node is told what the services say, and nobody faster than it may be asked', () => {
  const stage = new Stage();
  stage.link(5);
  const burst = SHELVES_A_SECOND * SHELVES_SAVED_SECONDS;
  for (let id = 0; id < burst; id += 1) {
    stage.tell(5, { type: 'browse', id, ...TOP });
    const [read] = stage.take('readShelf');
    assert.deepEqual(read!.publicKey, keyOf(5));
    stage.transfers.onEvent({ type: 'shelfRead', effect: read!.effect, shelf: EMPTY });
    assert.deepEqual(stage.sent(), [{ type: 'shelf', id, shelf: EMPTY }]);
  }
  stage.tell(5, { type: 'browse', id: 99, ...TOP });
  assert.deepEqual(stage.take('readShelf'), []);
  assert.deepEqual(stage.sent(), [{ type: 'shelf', id: 99, shelf: 'busy' }]);
  stage.wait(1_000);
  for (let id = 0; id < SHELVES_A_SECOND; id += 1) {
    stage.tell(5, { type: 'browse', id, ...TOP });
    for (const { effect } of stage.take('readShelf'))
      stage.transfers.onEvent({ type: 'shelfRead', effect, shelf: 'missing' });
  }
  assert.equal(
    stage.sent().filter((message) => message.type === 'shelf' && message.shelf === 'missing').length,
    SHELVES_A_SECOND,
  );
});

test('questions that are not waited for are bounded, and drop who sends them', () => {
  const stage = new Stage();
  stage.link(5);
  for (let id = 0; id < MAX_SHELVES_OF_LINK + MAX_GARBAGE_OF_LINK; id += 1)
    stage.tell(5, { type: 'browse', id, ...TOP });
  assert.equal(stage.take('readShelf').length, MAX_SHELVES_OF_LINK);
  assert.deepEqual(stage.dropped, [5]);
  stage.transfers.onPeerDown(5);
  const sizes = stage.transfers.tableSizes();
  assert.equal(sizes['browsers'], 0);
});

test('what all ask together is bounded, however many links they have', () => {
  const stage = new Stage();
  let answered = 0;
  for (let link = 1; link <= 40; link += 1) {
    stage.link(link);
    for (let id = 0; id < SHELVES_A_SECOND * SHELVES_SAVED_SECONDS; id += 1) {
      stage.tell(link, { type: 'browse', id, ...TOP });
      for (const { effect } of stage.take('readShelf')) {
        answered += 1;
        stage.transfers.onEvent({ type: 'shelfRead', effect, shelf: EMPTY });
      }
    }
  }
  assert.equal(answered, 256);
});
