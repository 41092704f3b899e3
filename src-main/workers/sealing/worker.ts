/** The thread of pool.ts: reads a file in order, hashes it, seals its pieces, adds check blocks and makes content records. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { HashStream } from '../../core/ports.ts';
import { PIECE_BYTES, pieceCount, sealPiece } from '../../core/publish/piece.ts';
import { SegmentEncoder } from '../../core/publish/segments.ts';
import { CONTENT_RECORD_BYTES, KIND_CONTENT, contentAddress } from '../../core/wire/record.ts';
import { createCombiner } from '../coding/combiner.ts';
import { createSodiumCrypto } from '../sodium/crypto.ts';
import type { FromThread, HashFile, SealFault, SealFile, ToThread } from './messages.ts';

/** Pieces, or check blocks, of one batch: half a MiB, some milliseconds of work, so that files take turns and messages are few. */
const BATCH_PIECES = 16;

/** Absent on Windows. Non-blocking, so that a pipe put in the place of a file does not hold the thread. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

class SealFailure extends Error {
  readonly fault: SealFault;
  constructor(fault: SealFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

interface Stamp {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** What seals the pieces of a file. */
interface Sealer {
  readonly key: Uint8Array;
  readonly encoder: SegmentEncoder;
}

interface Task {
  readonly file: HashFile;
  readonly descriptor: number;
  readonly stamp: Stamp;
  readonly hash: HashStream;
  /** Undefined where the file is only hashed. */
  readonly sealer: Sealer | undefined;
  /** Check blocks of the segment that was sealed last, each in its record, which go before the next: 99 at most. */
  readonly checks: Uint8Array<ArrayBuffer>[];
  nextPiece: number;
  offset: number;
}

const crypto = createSodiumCrypto();
const combiner = createCombiner();
const tasks = new Map<number, Task>();
const buffer = new Uint8Array(BATCH_PIECES * PIECE_BYTES);

function stampOf(descriptor: number): Stamp {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) throw new SealFailure('changed', 'it is not a regular file any more');
  return { sizeBytes: stats.size, modifiedMs: stats.mtimeMs };
}

function sealerOf({ key, sizeBytes, least }: SealFile): Sealer {
  return { key, encoder: new SegmentEncoder(combiner, pieceCount(sizeBytes), least, blankPayload) };
}

function open(file: HashFile, sealer: Sealer | undefined): Task {
  let descriptor: number;
  try {
    descriptor = openSync(file.absolutePath, OPEN_FLAGS);
  } catch (thrown) {
    const code = (thrown as NodeJS.ErrnoException).code;
    // A symbolic link where a file was surveyed: somebody exchanged it.
    const fault = code === 'ELOOP' || code === 'ENOENT' || code === 'ENXIO' ? 'changed' : 'unreadable';
    throw new SealFailure(fault, code ?? String(thrown));
  }
  try {
    const stamp = stampOf(descriptor);
    if (stamp.sizeBytes !== file.sizeBytes) throw new SealFailure('changed', 'its size is another');
    const hash = crypto.hashStream('plaintext', file.sizeBytes);
    return { file, descriptor, stamp, hash, sealer, checks: [], nextPiece: 0, offset: 0 };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

/** As much of the file as a batch holds, or what is left of it. A view into the buffer. */
function read(task: Task): Uint8Array {
  const wanted = Math.min(buffer.length, task.file.sizeBytes - task.offset);
  let filled = 0;
  while (filled < wanted) {
    let count: number;
    try {
      count = readSync(task.descriptor, buffer, filled, wanted - filled, task.offset + filled);
    } catch (thrown) {
      throw new SealFailure('unreadable', (thrown as NodeJS.ErrnoException).code ?? String(thrown));
    }
    if (count === 0) throw new SealFailure('changed', 'it became shorter');
    filled += count;
  }
  return buffer.subarray(0, wanted);
}

function requireUnchanged(task: Task): void {
  const now = stampOf(task.descriptor);
  if (now.sizeBytes !== task.stamp.sizeBytes || now.modifiedMs !== task.stamp.modifiedMs) {
    throw new SealFailure('changed', 'it was written to');
  }
}

function next(id: number, task: Task): void {
  if (task.checks.length > 0) {
    send(id, task.checks.splice(0, BATCH_PIECES), 0);
    return;
  }
  if (task.offset >= task.file.sizeBytes) {
    requireUnchanged(task);
    const digest = task.hash.digest();
    drop(id);
    post({ type: 'end', task: id, digest });
    return;
  }
  const plaintext = read(task);
  task.hash.update(plaintext);
  const payloads: Uint8Array<ArrayBuffer>[] = [];
  const { sealer } = task;
  for (let start = 0; sealer !== undefined && start < plaintext.length; start += PIECE_BYTES) {
    const payload = blankPayload();
    payload.set(sealPiece(crypto, sealer.key, task.nextPiece, plaintext.subarray(start, start + PIECE_BYTES)));
    payloads.push(payload);
    // A batch never goes beyond its segment, which is a whole number of batches.
    // They are of blankPayload, too.
    task.checks.push(...(sealer.encoder.add(payload) as Uint8Array<ArrayBuffer>[]));
    task.nextPiece += 1;
  }
  task.offset += plaintext.length;
  send(id, payloads, plaintext.length);
}

/** Memory for a payload within its record. */
function blankPayload(): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(CONTENT_RECORD_BYTES);
  record[0] = KIND_CONTENT;
  return record.subarray(1);
}

/** `payloads` are of blankPayload. */
function send(id: number, payloads: readonly Uint8Array<ArrayBuffer>[], plaintextBytes: number): void {
  const records = payloads.map((payload) => new Uint8Array(payload.buffer));
  const addresses = payloads.map((payload) => contentAddress(crypto, payload));
  post(
    { type: 'batch', task: id, records, addresses, plaintextBytes },
    records.map((record) => record.buffer),
  );
}

function drop(id: number): void {
  const task = tasks.get(id);
  if (task === undefined) return;
  tasks.delete(id);
  closeSync(task.descriptor);
}

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(message, transfer);
}

parentPort!.on('message', (message: ToThread) => {
  const id = message.task;
  try {
    if (message.type === 'open') {
      tasks.set(id, open(message, sealerOf(message)));
    } else if (message.type === 'hash') {
      tasks.set(id, open(message, undefined));
    } else if (message.type === 'next') {
      // Asked for ahead of the end, or after a fault: nothing is left to say.
      const task = tasks.get(id);
      if (task !== undefined) next(id, task);
    } else {
      drop(id);
    }
  } catch (thrown) {
    drop(id);
    const fault = thrown instanceof SealFailure ? thrown.fault : 'defect';
    post({ type: 'fault', task: id, fault, message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});
