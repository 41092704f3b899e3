/** Whose turn it is: by priority and order, live, and nobody who brings nothing keeps the others waiting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Priority } from '../../../shared/ipc/download-model.ts';
import { DownloadQueue } from '../../../src-main/services/transfers/download-queue.ts';
import type { Turn } from '../../../src-main/services/transfers/download-queue.ts';
import { ManualClock } from '../../support/manual-clock.ts';

class Stage {
  readonly clock = new ManualClock(0);
  most = 1;
  readonly queue = new DownloadQueue({ clock: this.clock, most: () => this.most });
  readonly begun: string[] = [];
  readonly places = new Map<string, number>();
  readonly turns = new Map<string, Turn>();

  enter(id: string, priority: Priority = 'normal', signal = new AbortController().signal): void {
    const turn = this.queue.enter(id, priority, signal, (place) => this.places.set(id, place));
    this.turns.set(id, turn);
    turn.ready.then(
      () => this.begun.push(id),
      () => undefined,
    );
  }

  async leave(id: string): Promise<void> {
    this.turns.get(id)!.leave();
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

test('turns go by priority, then by order, and places are told', async () => {
  const stage = new Stage();
  for (const [id, priority] of [['a'], ['b', 'low'], ['c'], ['d', 'high'], ['e']] as const) stage.enter(id, priority);
  await settle();
  assert.deepEqual(stage.begun, ['a']);
  assert.deepEqual(
    ['d', 'c', 'e', 'b'].map((id) => stage.places.get(id)),
    [1, 2, 3, 4],
  );
  for (const id of ['a', 'd', 'c', 'e']) await stage.leave(id);
  assert.deepEqual(stage.begun, ['a', 'd', 'c', 'e', 'b']);
});

test('order and priority are changed while they wait, and so is how many have a turn', async () => {
  const stage = new Stage();
  for (const id of ['a', 'b', 'c', 'd', 'e']) stage.enter(id);
  stage.queue.move('e', 'first');
  stage.queue.move('b', 'last');
  stage.queue.move('c', 'later');
  stage.queue.move('c', 'earlier');
  stage.queue.move('nobody', 'first');
  stage.queue.setPriority('d', 'low');
  stage.most = 3;
  stage.queue.go();
  await settle();
  assert.deepEqual(stage.begun, ['a', 'e', 'c']);
  await stage.leave('a');
  await stage.leave('e');
  assert.deepEqual(stage.begun, ['a', 'e', 'c', 'b', 'd']);
});

test('one that brings nothing lets the next begin, one that loads does not', async () => {
  const stage = new Stage();
  for (const id of ['idle', 'next', 'last']) stage.enter(id);
  await settle();
  stage.clock.advance(19_000);
  await settle();
  assert.deepEqual(stage.begun, ['idle']);
  stage.clock.advance(1_000);
  await settle();
  assert.deepEqual(stage.begun, ['idle', 'next']);
  stage.turns.get('next')!.seen(true);
  stage.clock.advance(60_000);
  await settle();
  assert.deepEqual(stage.begun, ['idle', 'next'], 'it loads');
  stage.turns.get('next')!.seen(false);
  stage.turns.get('next')!.seen(false);
  stage.clock.advance(20_000);
  await settle();
  assert.deepEqual(stage.begun, ['idle', 'next', 'last']);
  // Those that gave their turns away end without giving another one twice.
  await stage.leave('idle');
  await stage.leave('next');
  stage.enter('more');
  await settle();
  assert.equal(stage.begun.length, 3);
});

test('who goes while it waits is out of the line, and its promise says why', async () => {
  const stage = new Stage();
  const abort = new AbortController();
  stage.enter('a');
  stage.enter('b', 'normal', abort.signal);
  stage.enter('c');
  const turn = stage.turns.get('b')!;
  const reason = new Error('enough');
  abort.abort(reason);
  await assert.rejects(turn.ready, reason);
  assert.equal(stage.places.get('c'), 1);
  await stage.leave('a');
  assert.deepEqual(stage.begun, ['a', 'c']);
  stage.enter('d', 'normal', abort.signal);
  await assert.rejects(stage.turns.get('d')!.ready, reason);
});
