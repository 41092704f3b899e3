/** Moving the data directory from the desktop app's window, up to where another process of it begins. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { dataDirectoryAt } from '../../../src-main/host/data-directory.ts';
import { DataMove } from '../../../src-main/host/data-move.ts';
import { moveWhenWanted, withMove } from '../../../src-main/host/electron/moving.ts';
import type { ContractSource } from '../../../src-main/host/headless/rpc-socket.ts';
import { followMoved } from '../../../src-main/host/moved.ts';
import { lockDataDirectory } from '../../../src-main/storage/files/data-lock.ts';
import { ManualClock } from '../../support/manual-clock.ts';

describe('moving the data directory from the desktop app', () => {
  let root: string;
  let from: string;
  let to: string;
  let move: DataMove;
  let steps: string[];
  const begin = (signal = new AbortController().signal): Promise<void> =>
    moveWhenWanted({
      ...{ move, directory: dataDirectoryAt(from), signal },
      stopNode: async () => void steps.push('stopped'),
      show: (contract) => {
        assert.throws(() => lockDataDirectory(from), { code: 'data-in-use' }, 'nobody else writes there meanwhile');
        assert.throws(() => contract.handlers['jobs.list'](null), { code: 'busy' });
        steps.push(
          `shown in ${String((contract.handlers['config.get'](null) as Record<string, unknown>)['language'])}`,
        );
      },
    });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'broadside-app-move-'));
    [from, to, steps] = [join(root, 'from'), join(root, 'to'), []];
    mkdirSync(join(from, 'window'), { recursive: true, mode: 0o700 });
    writeFileSync(join(from, 'window', 'Preferences'), 'of Chromium');
    writeFileSync(join(from, 'identity.key'), 'identity');
    writeFileSync(join(from, 'settings.json'), JSON.stringify({ language: 'de' }));
    writeFileSync(join(from, 'blocks.db'), 'blocks');
    move = new DataMove({ directory: from, clock: new ManualClock(), obstacle: () => undefined });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('the node stops first, the window is told in its language, and the next start finds it', async () => {
    const done = begin();
    assert.deepEqual(steps, []);
    await move.handlers['move.start']({ to });
    await done;
    assert.deepEqual(steps, ['stopped', 'shown in de']);
    assert.equal(move.view.problem, undefined);
    assert.equal(followMoved(from), to);
    assert.equal(readFileSync(join(to, 'blocks.db'), 'utf8'), 'blocks');
    assert.equal(existsSync(join(to, 'window')), false, 'what Chromium keeps there it makes anew');
    lockDataDirectory(to).release();
  });

  it('quitting meanwhile leaves everything where it was; what fails is told', async () => {
    const abort = new AbortController();
    const ended = begin(abort.signal);
    await move.handlers['move.start']({ to });
    abort.abort(new BroadsideError('cancelled', 'It was ended.'));
    await ended;
    assert.deepEqual([existsSync(to), followMoved(from)], [false, from]);
    lockDataDirectory(from).release();

    move = new DataMove({ directory: from, clock: new ManualClock(), obstacle: () => undefined });
    const failing = begin();
    await move.handlers['move.start']({ to });
    mkdirSync(to);
    writeFileSync(join(to, 'mine.txt'), 'mine');
    await failing;
    assert.equal(move.view.problem?.code, 'usage');
    assert.equal(followMoved(from), from);
  });

  it('its calls and its event stand beside those of the node', () => {
    const heard: string[] = [];
    const source = {
      handlers: { 'lock.get': () => ({ state: 'none' }), 'move.get': () => assert.fail('the node cannot') },
      on: (name: string) => (heard.push(name), () => undefined),
    } as unknown as ContractSource;
    const both = withMove(source, move);
    assert.deepEqual(both.handlers['move.get'](null), { state: 'idle', directory: from });
    assert.deepEqual(both.handlers['lock.get'](null), { state: 'none' });
    both.on('move', () => undefined);
    both.on('job', () => undefined);
    assert.deepEqual(heard, ['job']);
  });
});
