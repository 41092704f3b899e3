/** Locking when nobody does anything, by a clock that is moved by hand. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SETTINGS } from '../../../shared/ipc/settings.ts';
import { IdleWatch, lockAfterMs } from '../../../src-main/services/lock/idle.ts';
import { LockStage, WORDS } from '../../support/lock-stage.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const MINUTE_MS = 60_000;

describe('a watch for idleness', () => {
  const start = (limitMs: number | undefined, clock = new ManualClock()) => {
    const state = { limitMs, idle: 0 };
    const watch = new IdleWatch({ clock, afterMs: () => state.limitMs, onIdle: () => void (state.idle += 1) });
    watch.begin();
    return { clock, state, watch };
  };

  it('counts from the last action, to the minute', () => {
    const { clock, state, watch } = start(5 * MINUTE_MS);
    clock.advance(4 * MINUTE_MS);
    watch.acted();
    clock.advance(5 * MINUTE_MS - 1);
    assert.equal(state.idle, 0);
    clock.advance(1);
    assert.equal(state.idle, 1);
    clock.advance(60 * MINUTE_MS);
    assert.equal(state.idle, 1, 'once');
  });

  it('off, nothing runs; chosen, it counts from then; chosen shorter, at once', () => {
    const { clock, state, watch } = start(undefined);
    assert.equal(clock.pendingTimers, 0);
    clock.advance(600 * MINUTE_MS);
    state.limitMs = 60 * MINUTE_MS;
    watch.changed();
    clock.advance(59 * MINUTE_MS);
    state.limitMs = 5 * MINUTE_MS;
    watch.changed();
    assert.equal(state.idle, 0, 'choosing is an action');
    clock.advance(5 * MINUTE_MS);
    assert.equal(state.idle, 1);
    assert.equal(clock.pendingTimers, 0);
  });

  it('ended, it says nothing, and what is chosen then begins nothing', () => {
    const { clock, state, watch } = start(5 * MINUTE_MS);
    watch.end();
    watch.changed();
    clock.advance(60 * MINUTE_MS);
    assert.deepEqual([state.idle, clock.pendingTimers], [0, 0]);
  });

  it('a machine that slept is idle for as long as the clock on the wall says, which may be set back', () => {
    class SleepyClock extends ManualClock {
      sleptMs = 0;
      override now(): number {
        return super.now() + this.sleptMs;
      }
    }
    const clock = new SleepyClock();
    const { state } = start(15 * MINUTE_MS, clock);
    clock.sleptMs = -60 * MINUTE_MS;
    clock.advance(14 * MINUTE_MS);
    assert.equal(state.idle, 0);
    clock.sleptMs = 20 * MINUTE_MS;
    // At the next look, and not after what was left of the quarter of an hour.
    clock.advance(15_000);
    assert.equal(state.idle, 1);
  });

  it('every choice of the setting is a time, or never', () => {
    const times = SETTINGS['lock-after'].choices.map((choice) => lockAfterMs(choice));
    assert.deepEqual(times, [undefined, 5 * MINUTE_MS, 15 * MINUTE_MS, 60 * MINUTE_MS]);
    assert.equal(lockAfterMs(SETTINGS['lock-after'].default), undefined);
  });
});

describe('a library that nobody touches', () => {
  let root: string;
  let stage: LockStage;

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'broadside-idle-'));
    mkdirSync(join(root, 'data'), { mode: 0o700 });
    stage = await new LockStage(join(root, 'data')).start();
    stage.idleAfterMs = 5 * MINUTE_MS;
    stage.lock.idle.changed();
  });
  afterEach(async () => {
    await stage.lock.close();
    rmSync(root, { recursive: true, force: true });
  });
  const told = (state: string): Promise<void> =>
    new Promise((resolve) => {
      const stop = stage.lock.on('lock', (value) => {
        if (value.state !== state) return;
        stop();
        resolve();
      });
    });

  it('is locked as by hand, and only where there is a passphrase; what a window asks for by itself does not count', async () => {
    stage.clock.advance(60 * MINUTE_MS);
    assert.equal(stage.lock.state, 'none');
    await stage.change(undefined, WORDS);
    stage.wipesByChoice = true;
    stage.clock.advance(4 * MINUTE_MS);
    assert.equal(stage.lock.handlers['lock.active'](null), null);
    stage.clock.advance(4 * MINUTE_MS);
    await stage.lock.handlers['library.list'](null);
    await stage.lock.handlers['lock.get'](null);
    assert.equal(stage.lock.state, 'open');
    const locked = told('locked');
    stage.clock.advance(MINUTE_MS);
    await locked;
    assert.throws(() => stage.lock.handlers['library.list'](null), { code: 'locked' });
    // The turn of the lock is over when the next one is.
    await stage.lock.unlock(WORDS);
    assert.equal(stage.wiped, 1, 'as the person chose for locking');
    assert.deepEqual(stage.defects, []);
  });

  it('unlocked, it counts anew; a link that is followed in content counts; changing the passphrase does not lock', async () => {
    await stage.change(undefined, WORDS);
    stage.clock.advance(4 * MINUTE_MS);
    stage.lock.tell('away', { contentUrl: '', address: '' });
    stage.clock.advance(4 * MINUTE_MS);
    assert.equal(stage.lock.state, 'open');
    const locked = told('locked');
    stage.clock.advance(MINUTE_MS);
    await locked;
    await stage.lock.unlock(WORDS);
    stage.clock.advance(5 * MINUTE_MS - 1);
    assert.equal(stage.lock.state, 'open');
    assert.equal(stage.clock.pendingTimers, 1);
    await stage.lock.close();
    assert.equal(stage.clock.pendingTimers, 0);
  });
});
