import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Effect, NodeContext } from '../../../src-main/core/effects.ts';
import {
  IDLE_SLOT_MS,
  MAX_FETCHES_OF_USER,
  MAX_GARBAGE_OF_LINK,
  MAX_PENDING_PAGES,
  MAX_READS_OF_USER,
  MAX_UPLOADS_OF_USER,
  PARTS_AT_ONCE,
} from '../../../src-main/core/limits.ts';
import { Statistics } from '../../../src-main/core/routing/statistics.ts';
import { Timers } from '../../../src-main/core/routing/timers.ts';
import { Transfers } from '../../../src-main/core/transfer/transfers.ts';
import { decodeTransferMessage, encodeTransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import type { TransferMessage } from '../../../src-main/core/wire/transfer-messages.ts';
import { createSodiumCrypto } from '../../../src-main/workers/sodium/crypto.ts';
import { seededRandom } from '../../support/seeded-random.ts';

const crypto = createSodiumCrypto();
const ROOT = new Uint8Array(32).fill(9);

/** A node that serves one file, and whoever asks it. */
class Served {
  readonly timers = new Timers();
  readonly effects: Effect[] = [];
  readonly dropped: number[] = [];
  readonly transfers: Transfers;
  nowMs = 0;
  #effects = 0;

  constructor(slots = 1) {
    const context: NodeContext = {
      crypto,
      random: seededRandom(1),
      emit: (effect) => this.effects.push(effect),
      now: () => this.nowMs,
      wallMs: () => this.nowMs,
      nextEffect: () => (this.#effects += 1),
    };
    const links = { dial: () => undefined, release: () => undefined, drop: (link: number) => this.dropped.push(link) };
    this.transfers = new Transfers({
      context,
      timers: this.timers,
      statistics: new Statistics(),
      links,
      keyPair: crypto.keyPairFromSeed(new Uint8Array(32).fill(200)),
      networkId: new Uint8Array(16),
      address: () => undefined,
    });
    this.transfers.onEvent({ type: 'uploadSlots', slots, ofUser: 1 });
  }

  user(link: number): void {
    this.transfers.onPeer({ link, publicKey: new Uint8Array(32).fill(link), initiator: false });
  }

  tell(link: number, message: TransferMessage): void {
    this.transfers.onMessage(link, encodeTransferMessage(message));
  }

  /** Asks and gets a slot. */
  go(link: number, root = ROOT): void {
    this.tell(link, { type: 'ask', root });
    this.found();
  }

  /** All questions of what is served are answered: it is. */
  found(): void {
    for (const effect of this.take('findServed')) {
      this.transfers.onEvent({
        type: 'servedFound',
        effect: effect.effect,
        file: { sizeBytes: 1_000_000, held: undefined },
      });
    }
  }

  /** Takes off what was wanted of one kind. */
  take<Type extends Effect['type']>(type: Type): Extract<Effect, { type: Type }>[] {
    const taken = this.effects.filter((effect) => effect.type === type);
    const rest = this.effects.filter((effect) => effect.type !== type);
    this.effects.length = 0;
    this.effects.push(...rest);
    return taken as Extract<Effect, { type: Type }>[];
  }

  /** Messages to a link. */
  sent(link: number): TransferMessage[] {
    return this.take('send')
      .filter((effect) => effect.link === link)
      .map(({ bytes }) => {
        const decoded = decodeTransferMessage(bytes);
        assert.ok(decoded.ok);
        return decoded.value;
      });
  }

  waitUntil(atMs: number): void {
    this.nowMs = atMs;
    for (let timer = this.timers.due(atMs); timer !== undefined; timer = this.timers.due(atMs)) timer.run();
  }
}

test('without a slot nothing is read', () => {
  const served = new Served();
  served.user(1);
  served.tell(1, { type: 'fetch', id: 5, root: ROOT, chunk: 0 });
  assert.deepEqual(served.sent(1), [{ type: 'refuse', id: 5, reason: 1 }]);
  assert.equal(served.take('readChunk').length, 0);
});

test('pages are given to who asked for the file, and a few at a time', () => {
  const served = new Served();
  served.user(1);
  served.tell(1, { type: 'page', id: 1, root: ROOT, level: 0, index: 0 });
  assert.deepEqual(served.sent(1), [{ type: 'refuse', id: 1, reason: 0 }]);
  served.go(1);
  for (let id = 2; id < 2 + MAX_PENDING_PAGES + MAX_GARBAGE_OF_LINK; id += 1) {
    served.tell(1, { type: 'page', id, root: ROOT, level: 0, index: 0 });
  }
  assert.equal(served.take('readPage').length, MAX_PENDING_PAGES);
  assert.deepEqual(served.dropped, [1]);
});

test('a flood of requests is bounded, and its sender dropped', () => {
  const served = new Served();
  served.user(1);
  served.go(1);
  for (let id = 0; id < MAX_FETCHES_OF_USER + MAX_READS_OF_USER + MAX_GARBAGE_OF_LINK; id += 1) {
    served.tell(1, { type: 'fetch', id, root: ROOT, chunk: id });
  }
  assert.equal(served.take('readChunk').length, MAX_READS_OF_USER);
  assert.deepEqual(served.dropped, [1]);
});

test('who asks for more files than it may is told that they are not here', () => {
  const served = new Served();
  served.user(1);
  for (let index = 0; index <= MAX_UPLOADS_OF_USER; index += 1) {
    served.tell(1, { type: 'ask', root: crypto.hash('test', Uint8Array.of(index)) });
  }
  assert.equal(served.take('findServed').length, MAX_UPLOADS_OF_USER);
  assert.equal(served.sent(1).filter(({ type }) => type === 'lack').length, 1);
});

test('garbage drops the link at the third message', () => {
  const served = new Served();
  served.user(1);
  for (let count = 0; count < MAX_GARBAGE_OF_LINK; count += 1) {
    assert.deepEqual(served.dropped, []);
    served.transfers.onMessage(1, Uint8Array.of(99, count));
  }
  assert.deepEqual(served.dropped, [1]);
});

test('a chunk goes in a few parts at once, the rest when the link has room', () => {
  const served = new Served();
  served.user(1);
  served.go(1);
  served.sent(1);
  served.tell(1, { type: 'fetch', id: 7, root: ROOT, chunk: 0 });
  const [read] = served.take('readChunk');
  const bytes = new Uint8Array(10 * 32_768);
  served.transfers.onEvent({ type: 'chunkRead', effect: read!.effect, bytes });
  assert.equal(served.sent(1).length, PARTS_AT_ONCE);
  assert.equal(served.take('roomAsked').length, 1);
  served.transfers.onCongested(1, true);
  served.transfers.onEvent({ type: 'uploadSlots', slots: 1, ofUser: 1 });
  assert.equal(served.sent(1).length, 0);
  served.transfers.onCongested(1, false);
  assert.equal(served.sent(1).length, PARTS_AT_ONCE);
  served.transfers.onCongested(1, false);
  assert.equal(served.sent(1).length, 2);
  assert.equal(served.transfers.uploads.sentBytes, bytes.length);
});

test('what was cancelled is not sent', () => {
  const served = new Served();
  served.user(1);
  served.go(1);
  served.sent(1);
  served.tell(1, { type: 'fetch', id: 7, root: ROOT, chunk: 0 });
  const [read] = served.take('readChunk');
  served.tell(1, { type: 'cancel', id: 7 });
  served.transfers.onEvent({ type: 'chunkRead', effect: read!.effect, bytes: new Uint8Array(65_536) });
  assert.deepEqual(served.sent(1), []);
});

test('a slot that is not used goes to the next', () => {
  const served = new Served();
  served.user(1);
  served.user(2);
  served.go(1);
  served.go(2);
  assert.deepEqual(
    served.sent(2).map(({ type }) => type),
    ['offer'],
  );
  served.waitUntil(IDLE_SLOT_MS + 1);
  const sent = served.take('send').map(({ link, bytes }) => {
    const decoded = decodeTransferMessage(bytes);
    return [link, decoded.ok ? decoded.value.type : 'garbage'];
  });
  assert.deepEqual(sent, [
    [2, 'place'],
    [1, 'over'],
    [2, 'go'],
  ]);
});

test('no slots at all: everybody waits', () => {
  const served = new Served(0);
  served.user(1);
  served.go(1);
  assert.deepEqual(
    served.sent(1).map(({ type }) => type),
    ['offer'],
  );
  assert.equal(served.transfers.uploads.waiting, 1);
});
