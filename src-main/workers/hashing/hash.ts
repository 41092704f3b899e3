/** Reads files in order and makes their trees, a step at a time; the next piece is read while one is hashed. */
import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { MAX_SHARED_FILE_BYTES } from '../../core/limits.ts';
import type { Crypto, Stamp } from '../../core/ports.ts';
import { FileTreeBuilder } from '../../core/transfer/tree.ts';
import { isOpenWithin } from './inside.ts';
import type { HashRequest, HashStep, HashedFile } from './messages.ts';
import { isMissing, modifiedMsOf } from './walk.ts';

/** Read at once, and told as one step: a millisecond of work, small enough for the cache of a core. */
const PIECE_BYTES = 1024 * 1024;
/** Absent on Windows. Non-blocking, so that a pipe put in the place of a file does not hold the thread. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
/** Clocks of file systems tick every 10 ms or finer; FAT and some network shares every 2 s (services/publish/plan.ts has the same). */
const FINE_TICK_MS = 20;
const COARSE_TICK_MS = 2_000;

const readPiece = promisify(read);

/** Two pieces: one is hashed while the other is filled. Of the thread: one task at a time is between two of its steps. */
type Buffers = readonly [Uint8Array, Uint8Array];

export async function* hashSteps(crypto: Crypto, request: HashRequest): AsyncGenerator<HashStep, void, void> {
  const buffers: Buffers = [new Uint8Array(PIECE_BYTES), new Uint8Array(PIECE_BYTES)];
  let [files, sizeBytes]: [HashedFile[], number] = [[], 0];
  for (const path of request.paths) {
    const hashing = hashFile(crypto, request.root, path, buffers);
    try {
      for (;;) {
        const { done, value } = await hashing.next();
        if (done === true) {
          files.push(value);
          break;
        }
        sizeBytes += value;
        if (sizeBytes < PIECE_BYTES) continue;
        yield { type: 'hashed', sizeBytes, files };
        [files, sizeBytes] = [[], 0];
      }
    } finally {
      // Closes the file when the task is dropped in the middle of it.
      await hashing.return(undefined as never);
    }
  }
  yield { type: 'hashed', sizeBytes, files };
}

/** Yields how many bytes were read; returns what came of it. */
async function* hashFile(
  crypto: Crypto,
  root: string,
  path: string,
  buffers: Buffers,
): AsyncGenerator<number, HashedFile, void> {
  const absolutePath = join(root, path);
  let descriptor: number;
  try {
    descriptor = openSync(absolutePath, OPEN_FLAGS);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    const isGone = isMissing(thrown) || code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO';
    return { path, outcome: isGone ? 'gone' : 'unreadable' };
  }
  try {
    if (!isOpenWithin(root, absolutePath, descriptor)) return { path, outcome: 'gone' };
    const before = await settled(descriptor);
    if (!before.isFile()) return { path, outcome: 'gone' };
    if (before.size > MAX_SHARED_FILE_BYTES) return { path, outcome: 'too-large' };
    const size = Number(before.size);
    const builder = new FileTreeBuilder(crypto, size);
    for await (const piece of pieces(descriptor, size, buffers)) {
      if (piece === undefined) return { path, outcome: 'changed' };
      builder.add(piece);
      yield piece.length;
    }
    const after = fstatSync(descriptor, { bigint: true });
    if (after.size !== before.size || after.mtimeNs !== before.mtimeNs || after.ctimeNs !== before.ctimeNs)
      return { path, outcome: 'changed' };
    return { path, outcome: 'hashed', stamp: stampOf(before), ...builder.finish() };
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === undefined) throw thrown;
    return { path, outcome: 'unreadable' };
  } finally {
    closeSync(descriptor);
  }
}

/** What is read of it, in order; undefined when it ends too soon. */
async function* pieces(
  descriptor: number,
  size: number,
  buffers: Buffers,
): AsyncGenerator<Uint8Array | undefined, void, void> {
  if (size <= PIECE_BYTES) {
    const length = readSync(descriptor, buffers[0], 0, size, 0);
    yield length === size ? buffers[0].subarray(0, size) : undefined;
    return;
  }
  const start = (offset: number, buffer: Uint8Array) =>
    readPiece(descriptor, buffer, 0, Math.min(PIECE_BYTES, size - offset), offset);
  let reading = start(0, buffers[0]);
  try {
    for (let offset = 0, turn = 0; offset < size; turn = 1 - turn) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) {
        yield undefined;
        return;
      }
      offset += bytesRead;
      if (offset < size) reading = start(offset, buffers[1 - turn]!);
      yield buffers[turn]!.subarray(0, bytesRead);
    }
  } finally {
    // The descriptor is closed after this, and must not be read then.
    await reading.catch(() => undefined);
  }
}

/**
 * A file that was written within the tick of its clock could be written again without showing it: it is waited for, 20 ms for most,
 * 2 s where the clock has whole seconds.
 */
async function settled(descriptor: number): Promise<BigIntStats> {
  for (;;) {
    const stats = fstatSync(descriptor, { bigint: true });
    const isCoarse = stats.mtimeNs % 1_000_000_000n === 0n && stats.ctimeNs % 1_000_000_000n === 0n;
    const tickMs = isCoarse ? COARSE_TICK_MS : FINE_TICK_MS;
    const changed = stats.mtimeNs > stats.ctimeNs ? stats.mtimeNs : stats.ctimeNs;
    const agoMs = Date.now() - Number(changed) / 1e6;
    // One from the future tells nothing, and is not waited for.
    if (agoMs >= tickMs || agoMs < -tickMs) return stats;
    await delay(tickMs - agoMs);
    const now = fstatSync(descriptor, { bigint: true });
    // Written to all the time: the comparison after reading will say so.
    if (now.mtimeNs !== stats.mtimeNs) return now;
  }
}

function stampOf(stats: BigIntStats): Stamp {
  return { sizeBytes: Number(stats.size), modifiedMs: modifiedMsOf(stats), inode: stats.ino };
}
