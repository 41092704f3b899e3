/** Handshakes that others begin take turns: a few at a time, so many a second, and a bounded number waits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TestContext } from 'node:test';
import {
  HandshakeTurns,
  MAX_WAITING_HANDSHAKES,
  MAX_WAITING_OF_PREFIX,
} from '../../../src-main/transport/hyperswarm/handshake-turns.ts';

interface World {
  readonly turns: HandshakeTurns;
  /** Moves the clock on by steps of a millisecond. */
  readonly pass: (milliseconds: number) => void;
  /** Moves it on while the event loop is held up. */
  readonly skip: (milliseconds: number) => void;
  /** When each began. */
  readonly begun: number[];
  readonly crowded: { isSo: boolean; told: number };
}

function world(context: TestContext): World {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let nowMs = 0;
  const crowded = { isSo: false, told: 0 };
  const turns = new HandshakeTurns({
    isCrowded: () => crowded.isSo,
    onCrowded: () => (crowded.told += 1),
    now: () => nowMs,
  });
  const pass = (milliseconds: number): void => {
    for (let step = 0; step < milliseconds; step += 1) {
      nowMs += 1;
      context.mock.timers.tick(1);
    }
  };
  const begun: number[] = [];
  return { turns, pass, skip: (milliseconds) => void (nowMs += milliseconds), begun, crowded };
}

/** Each from a /24 of its own, public and alike for the same number. */
function hostOf(number: number): string {
  return `81.${number >> 8}.${number & 255}.1`;
}

function addMany({ turns, begun }: World, count: number, host: (number: number) => string): void {
  for (let number = 0; number < count; number += 1) turns.add(host(number), () => begun.push(number));
}

describe('handshakes by turns', () => {
  it('never begins one within the packet that asks for it', (context) => {
    const at = world(context);
    addMany(at, 1, hostOf);
    assert.deepEqual(at.begun, []);
    at.pass(2);
    assert.deepEqual(at.begun, [0]);
  });

  it('begins a few of many at once, the others later, all of them in order', (context) => {
    const at = world(context);
    addMany(at, MAX_WAITING_HANDSHAKES, hostOf);
    at.pass(2);
    assert.ok(at.begun.length >= 1 && at.begun.length <= 5, `${at.begun.length} at once`);
    at.pass(MAX_WAITING_HANDSHAKES * 10);
    assert.deepEqual(
      at.begun,
      Array.from({ length: MAX_WAITING_HANDSHAKES }, (_, number) => number),
    );
    assert.equal(at.crowded.told, 0);
  });

  it('takes no more than so many a second, however many come', (context) => {
    const at = world(context);
    for (let second = 0; second < 3; second += 1) {
      for (let step = 0; step < 100; step += 1) {
        addMany(at, 20, hostOf);
        at.pass(10);
      }
    }
    assert.ok(at.begun.length > 300 && at.begun.length <= 605, `${at.begun.length} in three seconds`);
  });

  it('begins no more at once after a turn that lasted', (context) => {
    const at = world(context);
    addMany(at, 40, hostOf);
    let most = 0;
    for (let turn = 0; turn < 5; turn += 1) {
      at.skip(10_000);
      for (let step = 0; step < 20; step += 1) {
        const before = at.begun.length;
        at.pass(1);
        most = Math.max(most, at.begun.length - before);
      }
    }
    assert.ok(most >= 2 && most <= 5, `${most} at once`);
  });

  it('passes over what is more than may wait, and tells of it', (context) => {
    const at = world(context);
    addMany(at, MAX_WAITING_HANDSHAKES + 10, hostOf);
    assert.equal(at.crowded.told, 10);
    at.pass(5_000);
    assert.equal(at.begun.length, MAX_WAITING_HANDSHAKES);
  });

  it('leaves room for others beside who has one block of addresses', (context) => {
    const at = world(context);
    addMany(at, 1_000, (number) => `81.2.3.${number & 255}`);
    assert.equal(at.crowded.told, 1_000 - MAX_WAITING_OF_PREFIX);
    at.turns.add(hostOf(9), () => at.begun.push(-1));
    at.pass(1_000);
    assert.ok(at.begun.includes(-1));
  });

  it('does not hold that against a house: private addresses have no block', (context) => {
    const at = world(context);
    addMany(at, MAX_WAITING_HANDSHAKES, () => '192.168.1.7');
    assert.equal(at.crowded.told, 0);
  });

  it('computes nothing for whom there is no room when the turn has come', (context) => {
    const at = world(context);
    addMany(at, 30, hostOf);
    at.crowded.isSo = true;
    at.pass(10);
    assert.deepEqual([at.begun.length, at.crowded.told], [0, 30]);
    at.crowded.isSo = false;
    addMany(at, 1, hostOf);
    at.pass(10);
    assert.equal(at.begun.length, 1);
  });

  it('begins nothing once it has stopped', (context) => {
    const at = world(context);
    addMany(at, 3, hostOf);
    at.turns.stop();
    addMany(at, 3, hostOf);
    at.pass(1_000);
    assert.deepEqual(at.begun, []);
  });
});
