/** Moving the data directory from a window: what is asked for and told, on a real disk, without a node. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { CALLS } from '../../../shared/ipc/contract.ts';
import type { CallName } from '../../../shared/ipc/contract.ts';
import type { Move } from '../../../shared/ipc/move-calls.ts';
import { DataMove } from '../../../src-main/host/data-move.ts';
import { noMove } from '../../../src-main/services/move/no-move.ts';
import type { Settings } from '../../../src-main/services/settings/settings.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const BYTES = Buffer.alloc(6 * 1024 * 1024, 'block');
const never = new AbortController().signal;

describe('moving the data directory from a window', () => {
  let root: string;
  let from: string;
  let to: string;
  let clock: ManualClock;
  let told: Move[];
  let obstacle: BroadsideError | undefined;
  let free: number;
  let move: DataMove;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'broadside-window-move-'));
    [from, to] = [join(root, 'from'), join(root, 'to')];
    mkdirSync(from);
    writeFileSync(join(from, 'identity.key'), 'identity');
    writeFileSync(join(from, 'blocks.db'), BYTES);
    [clock, told, obstacle, free] = [new ManualClock(), [], undefined, 10 ** 9];
    move = new DataMove({ directory: from, clock, obstacle: () => obstacle, freeBytes: async () => free });
    move.on((value) => told.push(value));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const start = async (): Promise<void> => {
    await move.handlers['move.start']({ to });
    assert.equal(await move.wanted, to);
  };

  it('says where it lies, what it takes, and what a place would have', async () => {
    assert.deepEqual(move.handlers['move.get'](null), { state: 'idle', directory: from });
    const sizeBytes = BYTES.length + 'identity'.length;
    assert.deepEqual(await move.handlers['move.check']({}), { to: from, sizeBytes, freeBytes: free });
    assert.deepEqual(await move.handlers['move.check']({ to }), { to, sizeBytes, freeBytes: free });
  });

  it('refuses a bad place before anything is stopped, with what to do', async () => {
    mkdirSync(join(root, 'full'));
    writeFileSync(join(root, 'full', 'mine.txt'), 'mine');
    for (const [place, code, sentence] of [
      ['relative', 'usage', /not a whole path\. Write it from the root/],
      [join(root, 'full'), 'usage', /not empty\. Choose a directory/],
      [join(from, 'inside'), 'usage', /lie in each other\. Choose/],
      [join(root, 'no', 'such'), 'usage', /or it is not there\. Choose/],
      [join(from, 'blocks.db'), 'usage', /lie in each other\. Choose/],
    ] as const) {
      await assert.rejects(async () => move.handlers['move.check']({ to: place }), { code, message: sentence });
      await assert.rejects(async () => move.handlers['move.start']({ to: place }), { code, message: sentence });
    }
    free = 1000;
    await assert.rejects(async () => move.handlers['move.start']({ to }), {
      code: 'no-space',
      message: /Free some room/,
    });
    assert.deepEqual([told, move.isUnderWay], [[], false]);
  });

  it('moves, telling how it goes; the node is where it was sent, and nothing of before', async () => {
    await start();
    clock.advance(300);
    assert.equal(await move.run(never), to);
    assert.ok(readFileSync(join(to, 'blocks.db')).equals(BYTES));
    assert.deepEqual(readdirSync(from), ['moved.json']);
    assert.deepEqual(told[0], { state: 'stopping', directory: from, to });
    const states = told.map(({ state }) => state);
    assert.deepEqual([...new Set(states)], ['stopping', 'copying', 'checking', 'starting']);
    for (const { state, doneBytes, totalBytes } of told) {
      if (state !== 'copying' && state !== 'checking') continue;
      assert.equal(totalBytes, 2 * (BYTES.length + 'identity'.length));
      assert.equal(doneBytes! * 2 < totalBytes!, state === 'copying');
    }
    move.arrived();
    assert.deepEqual(move.view, { state: 'idle', directory: to });
    // And once more, from there.
    await move.handlers['move.start']({ to: join(root, 'again') });
    assert.equal(await move.wanted, join(root, 'again'));
    assert.equal(await move.run(never), join(root, 'again'));
  });

  it('tells of its rate and the time left as soon as they are known, and four times a second at most', async () => {
    await start();
    const parts: Move[] = [];
    move.on((value) => {
      parts.push(value);
      // A disk that takes a megabyte in half a second.
      clock.advance(500);
    });
    await move.run(never);
    const known = parts.find(({ bytesPerSecond }) => bytesPerSecond !== undefined);
    assert.ok(known !== undefined && known.secondsLeft! > 0);
    assert.ok(Math.abs(known.secondsLeft! * known.bytesPerSecond! - (known.totalBytes! - known.doneBytes!)) < 1);
    // Standing still, the clock lets nothing through but changes of the state.
    const before = told.length;
    move.arrived();
    await move.handlers['move.start']({ to: join(root, 'again') });
    await move.wanted;
    told.length = 0;
    const quiet = new DataMove({ directory: to, clock, obstacle: () => undefined, freeBytes: async () => free });
    assert.ok(before > 4);
    const quietly: Move[] = [];
    quiet.on((value) => quietly.push(value));
    await quiet.handlers['move.start']({ to: join(root, 'quiet') });
    await quiet.run(never);
    assert.deepEqual(
      quietly.map(({ state }) => state),
      ['stopping', 'copying', 'checking', 'starting'],
    );
  });

  it('cancelled, everything is where it was, and nothing is called a failure', async () => {
    await start();
    const stop = move.on(({ state }) => void (state === 'copying' && move.handlers['move.cancel'](null)));
    assert.equal(await move.run(never), from);
    stop();
    assert.equal(existsSync(to), false);
    move.arrived();
    assert.deepEqual(move.view, { state: 'idle', directory: from });
    assert.throws(() => move.handlers['move.cancel'](null), { code: 'usage' });
    await start();
    assert.equal(await move.run(never), to, 'and can be begun anew');
  });

  it('cancelled before the node has stopped; or ended with the program', async () => {
    await start();
    void move.handlers['move.cancel'](null);
    assert.equal(await move.run(never), from);
    move.arrived();
    await start();
    const abort = new AbortController();
    abort.abort(new BroadsideError('cancelled', 'It was ended.'));
    assert.equal(await move.run(abort.signal), from);
    assert.deepEqual([existsSync(to), existsSync(join(from, 'blocks.db'))], [false, true]);
  });

  it('what fails on the way is told afterwards, until the next one', async () => {
    await start();
    mkdirSync(to);
    writeFileSync(join(to, 'mine.txt'), 'mine');
    assert.equal(await move.run(never), from);
    move.arrived();
    assert.equal(move.view.problem?.code, 'usage');
    assert.match(move.view.problem.message, /not empty/);
    assert.equal(readFileSync(join(to, 'mine.txt'), 'utf8'), 'mine');
    rmSync(to, { recursive: true });
    await start();
    assert.equal(move.view.problem, undefined);
  });

  it('waits for what has to end first, and is not begun twice', async () => {
    obstacle = new BroadsideError('locked', 'The library is locked.');
    await assert.rejects(async () => move.handlers['move.start']({ to }), { code: 'locked' });
    obstacle = undefined;
    const both = await Promise.allSettled([0, 1].map(async () => move.handlers['move.start']({ to })));
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
    await assert.rejects(async () => move.handlers['move.start']({ to }), { code: 'busy' });
  });

  it('meanwhile says so to everything that is asked, and answers for itself and the settings', async () => {
    await start();
    const settings = { all: () => ({ language: 'de' }) } as unknown as Settings;
    const { handlers, on } = move.contract(settings);
    const busy: string[] = [];
    for (const name of Object.keys(CALLS) as CallName[]) {
      try {
        await (handlers[name] as (params: unknown) => unknown)({});
      } catch (thrown) {
        if (thrown instanceof BroadsideError && thrown.code === 'busy') busy.push(name);
      }
    }
    const answered = Object.keys(CALLS).filter((name) => !busy.includes(name) && !name.startsWith('move.'));
    assert.deepEqual(answered, ['config.get']);
    const heard: Move[] = [];
    on('move', (value) => heard.push(value));
    on('job', () => assert.fail('nothing runs'));
    await move.run(never);
    assert.equal(heard.at(-1)?.state, 'starting');
  });

  it('a host that cannot says so', () => {
    assert.equal((noMove['move.get'](null) as Move).state, 'impossible');
    assert.throws(() => noMove['move.start']({ to: '/x' }), { code: 'not-in-version', message: /broadside move DIR/ });
  });
});
