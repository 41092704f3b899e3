/** A data directory that is moved, and all that may come in between. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  symlinkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { checkMove, moveData, sizeOfData } from '../../../src-main/host/move-data.ts';
import type { MoveOptions } from '../../../src-main/host/move-data.ts';
import { followMoved } from '../../../src-main/host/moved.ts';

const refusedWith = (code: string) => (thrown: unknown) => thrown instanceof BroadsideError && thrown.code === code;
const BYTES = Buffer.alloc(3 * 1024 * 1024, 'block');

describe('moving the data directory', () => {
  let root: string;
  let from: string;
  let to: string;
  const move = (more: Partial<MoveOptions> = {}) =>
    moveData({ from, to, signal: new AbortController().signal, onProgress: () => undefined, ...more });
  /** The directory is whole, and nothing leads elsewhere. */
  const assertUntouched = (): void => {
    assert.equal(followMoved(from), from);
    assert.ok(readFileSync(join(from, 'blocks.db')).equals(BYTES));
    assert.equal(readFileSync(join(from, 'pens', 'ab.key'), 'utf8'), 'secret');
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'broadside-move-'));
    from = join(root, 'from');
    to = join(root, 'deep', 'to');
    mkdirSync(join(from, 'pens'), { recursive: true, mode: 0o700 });
    mkdirSync(join(from, 'staging', 'half'), { recursive: true });
    mkdirSync(join(root, 'deep'));
    writeFileSync(join(from, 'identity.key'), 'identity');
    writeFileSync(join(from, 'blocks.db'), BYTES);
    writeFileSync(join(from, 'pens', 'ab.key'), 'secret');
    writeFileSync(join(from, 'lock'), '');
    writeFileSync(join(from, 'daemon.json'), '{}');
    utimesSync(join(from, 'blocks.db'), 1_000, 1_000);
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('is there whole, for its owner alone; the old place leads to it and holds nothing else', async () => {
    const seen: number[] = [];
    let total = 0;
    assert.equal(await move({ onProgress: (done, whole) => void (seen.push(done), (total = whole)) }), to);
    assert.ok(readFileSync(join(to, 'blocks.db')).equals(BYTES));
    assert.equal(statSync(join(to, 'blocks.db')).mtimeMs, 1_000_000);
    assert.deepEqual(readdirSync(to).toSorted(), ['blocks.db', 'identity.key', 'pens']);
    assert.equal(statSync(to).mode & 0o777, 0o700);
    assert.equal(statSync(join(to, 'pens', 'ab.key')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(from).toSorted(), ['lock', 'moved.json']);
    assert.equal(followMoved(from), to);
    assert.deepEqual([seen.at(-1), seen.toSorted((a, b) => a - b)], [total, seen]);
  });

  it('can be moved back', async () => {
    await move();
    assert.equal(
      await moveData({ from: to, to: from, signal: new AbortController().signal, onProgress: () => undefined }),
      from,
    );
    assertUntouched();
    assert.equal(followMoved(to), from);
  });

  it('moved on, it is found from each place that it was in; and comes back to any of them', async () => {
    const third = join(root, 'third');
    const idle = { signal: new AbortController().signal, onProgress: () => undefined };
    await move();
    await moveData({ from: to, to: third, ...idle });
    for (const place of [from, to, third]) assert.equal(followMoved(place), third);
    assert.equal(await moveData({ from: third, to: from, ...idle }), from);
    assertUntouched();
    for (const place of [from, to, third]) assert.equal(followMoved(place), from);
    await moveData({ from, to: third, ...idle });
    for (const place of [from, to, third]) assert.equal(followMoved(place), third);
    rmSync(third, { recursive: true });
    assert.throws(() => followMoved(from), refusedWith('not-found'));
  });

  it('given up on the way back, the place of before still leads to it', async () => {
    await move();
    const abort = new AbortController();
    const back = { from: to, to: from, signal: abort.signal };
    const onProgress = () => abort.abort(new BroadsideError('cancelled', 'It was cancelled.'));
    await assert.rejects(moveData({ ...back, onProgress }), refusedWith('cancelled'));
    assert.equal(followMoved(from), to);
    assert.ok(readFileSync(join(to, 'blocks.db')).equals(BYTES));
  });

  it('refuses a place that is not empty, not writable, in itself, or too small; nothing has changed', async () => {
    mkdirSync(to);
    writeFileSync(join(to, 'mine.txt'), 'mine');
    await assert.rejects(move(), refusedWith('usage'));
    assert.equal(readFileSync(join(to, 'mine.txt'), 'utf8'), 'mine');
    await assert.rejects(move({ to: join(from, 'inside') }), refusedWith('usage'));
    await assert.rejects(move({ to: root }), refusedWith('usage'));
    await assert.rejects(move({ to: join(from, 'blocks.db') }), refusedWith('usage'));
    await assert.rejects(move({ to: join(root, 'no', 'such') }), refusedWith('usage'));
    await assert.rejects(
      move({ to: join(root, 'small'), freeBytes: async () => BYTES.length }),
      refusedWith('no-space'),
    );
    assert.equal(existsSync(join(root, 'small')), false);
    if (process.getuid?.() !== 0) {
      chmodSync(join(root, 'deep'), 0o500);
      await assert.rejects(move({ to: join(root, 'deep', 'other') }), refusedWith('usage'));
      chmodSync(join(root, 'deep'), 0o700);
    }
    assertUntouched();
  });

  it('a link that leads into it is no place apart from it', async () => {
    mkdirSync(join(from, 'empty'));
    symlinkSync(join(from, 'empty'), join(root, 'elsewhere'));
    await assert.rejects(move({ to: join(root, 'elsewhere') }), refusedWith('usage'));
    await assert.rejects(move({ to: join(root, 'elsewhere', 'new') }), refusedWith('usage'));
    symlinkSync(root, join(root, 'deep', 'around'));
    await assert.rejects(move({ to: join(root, 'deep', 'around') }), refusedWith('usage'));
    assertUntouched();
  });

  it('what belongs to a window, to a practice network or to a node that runs stays behind, and goes with the old place', async () => {
    mkdirSync(join(from, 'window'));
    // As Chromium marks that it runs there: no file, and no folder.
    symlinkSync('machine-4711', join(from, 'window', 'SingletonLock'));
    mkdirSync(join(from, 'practice', 'me'), { recursive: true });
    writeFileSync(join(from, 'lock-holder'), '1');
    await move();
    assert.deepEqual(readdirSync(to).toSorted(), ['blocks.db', 'identity.key', 'pens']);
    assert.deepEqual(readdirSync(from).toSorted(), ['lock', 'moved.json']);
  });

  it('is looked at before anything is stopped: what it takes, what is free, and what stands against it', async () => {
    const sizeBytes = BYTES.length + 'identity'.length + 'secret'.length;
    assert.equal(await sizeOfData(from), sizeBytes);
    const free = async (): Promise<number> => 10 ** 9;
    assert.deepEqual(await checkMove(from, to, free), { to, sizeBytes, freeBytes: 10 ** 9 });
    assert.equal(existsSync(to), false);
    mkdirSync(to);
    writeFileSync(join(to, 'mine.txt'), 'mine');
    await assert.rejects(checkMove(from, to, free), refusedWith('usage'));
    await assert.rejects(
      checkMove(from, join(root, 'small'), async () => 1),
      refusedWith('no-space'),
    );
    assertUntouched();
  });

  it('cancelled in the middle: what was copied is gone', async () => {
    const abort = new AbortController();
    const reason = new BroadsideError('cancelled', 'It was cancelled.');
    await assert.rejects(
      move({ signal: abort.signal, onProgress: () => abort.abort(reason) }),
      refusedWith('cancelled'),
    );
    assert.equal(existsSync(to), false);
    assertUntouched();
  });

  it('killed in the middle: the old one counts, and the next move begins anew', async () => {
    mkdirSync(to, { mode: 0o700 });
    writeFileSync(join(to, 'moving.json'), JSON.stringify({ from }));
    writeFileSync(join(to, 'blocks.db'), BYTES.subarray(0, 1000));
    assertUntouched();
    await move();
    assert.ok(readFileSync(join(to, 'blocks.db')).equals(BYTES));
    assert.equal(existsSync(join(to, 'moving.json')), false);
  });

  it('killed after it counted: what is left of the old one goes with the next look', async () => {
    await move();
    writeFileSync(join(from, 'blocks.db'), BYTES);
    writeFileSync(join(from, 'identity.key'), 'another');
    assert.equal(followMoved(from), to);
    assert.equal(existsSync(join(from, 'blocks.db')), true, 'what is not known to be there stays');
    writeFileSync(join(from, 'identity.key'), 'identity');
    assert.equal(followMoved(from), to);
    assert.deepEqual(readdirSync(from).toSorted(), ['lock', 'moved.json']);
  });

  it('a disk that is not there is said, and nothing is made in its place', async () => {
    await move();
    rmSync(to, { recursive: true });
    assert.throws(() => followMoved(from), refusedWith('not-found'));
    assert.equal(existsSync(to), false);
  });
});
