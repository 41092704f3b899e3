/**
 * Walks a shared folder on a thread: regular files with what tells them apart, everything left out with its reason. Nothing is
 * followed. It runs by synchronous calls, which on a thread of its own are several times as fast as others.
 */
import { lstatSync, readdirSync } from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { join } from 'node:path';
import { isPathSegment, utf8Length } from '../../../shared/base/paths.ts';
import type { FoundReason } from '../../core/ports.ts';
import { nameExclusion } from './excluded.ts';
import { isWithin } from './inside.ts';
import type { WalkRequest, WalkStep, WalkedDirectory } from './messages.ts';

/** As a list of shared files takes them (core/search/entry.ts). */
const MAX_NAME_BYTES = 255;
const MAX_FOLDER_BYTES = 512;
/** Entries that one walk looks at, those left out included: a million, some seconds of a thread. */
const MAX_WALKED_ENTRIES = 1_000_000;
/** Entries of one step: about 10 ms of work here, 1 ms for who gets it. */
const STEP_ENTRIES = 2_000;
/** Left out that are told by name, of one directory; the others are only counted, under the name ''. */
const MAX_NAMED_LEFT_OUT = 1_000;
/** Stands where a name that is not UTF-8 was decoded. */
const REPLACEMENT = '\ufffd';

export function* walkSteps(request: WalkRequest): Generator<WalkStep, void, void> {
  const waiting = [request.directory];
  let [directories, inStep, inAll]: [WalkedDirectory[], number, number] = [[], 0, 0];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const walked = walkDirectory(request, next);
    directories.push(walked);
    // Last one first, so that the walk goes in the order of the disk.
    if (!request.flat) {
      for (const name of walked.directories.toReversed()) waiting.push(next === '' ? name : `${next}/${name}`);
    }
    const entries = 1 + walked.names.length + walked.directories.length + walked.leftOut.length;
    inStep += entries;
    inAll += entries;
    if (inAll >= MAX_WALKED_ENTRIES && waiting.length > 0) {
      yield { type: 'walked', directories, cut: true };
      return;
    }
    if (inStep < STEP_ENTRIES) continue;
    yield { type: 'walked', directories, cut: false };
    [directories, inStep] = [[], 0];
  }
  yield { type: 'walked', directories, cut: false };
}

function walkDirectory(request: WalkRequest, directory: string): WalkedDirectory {
  const { root } = request;
  const path = join(root, directory);
  let entries: Dirent[];
  let device: bigint;
  try {
    const stats = lstatSync(path, { bigint: true });
    // Between its parent's listing and now it may have become something else.
    if (!stats.isDirectory() || !isWithin(root, path)) return empty(directory, 'gone');
    device = stats.dev;
    entries = readdirSync(path, { withFileTypes: true });
  } catch (thrown) {
    return empty(directory, isMissing(thrown) ? 'gone' : 'unreadable');
  }
  const found = new Found(directory);
  const raw = entries.some(({ name }) => name.includes(REPLACEMENT)) ? rawNames(path) : undefined;
  for (const entry of entries) {
    const { name } = entry;
    if (raw?.has(name) === false) {
      found.leaveOut(name, 'name');
      continue;
    }
    const excluded = request.excluded.includes(join(path, name)) ? 'system' : nameExclusion(name, request.withHidden);
    if (excluded !== undefined) {
      found.leaveOut(name, excluded);
      continue;
    }
    found.add(entry, path);
  }
  return found.done(device);
}

class Found {
  readonly #directory: string;
  readonly #names: string[] = [];
  readonly #stats: BigIntStats[] = [];
  readonly #directories: string[] = [];
  readonly #leftOut: { name: string; reason: FoundReason }[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  add(entry: Dirent, path: string): void {
    const { name } = entry;
    let stats: BigIntStats | undefined;
    try {
      // Some file systems do not say what an entry is.
      const isKnown = entry.isFile() || entry.isDirectory() || entry.isSymbolicLink() || entry.isFIFO();
      if (!isKnown || entry.isFile()) stats = lstatSync(join(path, name), { bigint: true });
    } catch (thrown) {
      // What went since the listing was made is not there.
      if (!isMissing(thrown)) this.leaveOut(name, 'unreadable');
      return;
    }
    const kind = stats ?? entry;
    if (kind.isSymbolicLink()) this.leaveOut(name, 'link');
    else if (kind.isDirectory()) this.#addDirectory(name);
    else if (stats?.isFile() !== true) this.leaveOut(name, 'special');
    else if (!isPathSegment(name) || utf8Length(name) > MAX_NAME_BYTES) this.leaveOut(name, 'name');
    else {
      this.#names.push(name);
      this.#stats.push(stats);
    }
  }

  #addDirectory(name: string): void {
    const length = utf8Length(this.#directory) + 1 + utf8Length(name);
    if (!isPathSegment(name) || length > MAX_FOLDER_BYTES + 1) this.leaveOut(name, 'name');
    else this.#directories.push(name);
  }

  leaveOut(name: string, reason: FoundReason): void {
    this.#leftOut.push({ name: this.#leftOut.length < MAX_NAMED_LEFT_OUT ? name.toWellFormed() : '', reason });
  }

  done(device: bigint): WalkedDirectory {
    return {
      directory: this.#directory,
      names: this.#names,
      sizes: Float64Array.from(this.#stats, ({ size }) => Number(size)),
      modifiedMs: Float64Array.from(this.#stats, modifiedMsOf),
      inodes: BigUint64Array.from(this.#stats, ({ ino }) => ino),
      directories: this.#directories,
      leftOut: this.#leftOut,
      device,
    };
  }
}

/** With a fraction, as fine as a double has it: a quarter of a microsecond. */
export function modifiedMsOf({ mtimeNs }: BigIntStats): number {
  return Number(mtimeNs) / 1e6;
}

function empty(directory: string, failure: 'unreadable' | 'gone'): WalkedDirectory {
  return {
    ...{ directory, names: [], directories: [], leftOut: [], failure, device: 0n },
    ...{ sizes: new Float64Array(), modifiedMs: new Float64Array(), inodes: new BigUint64Array() },
  };
}

/** Names that are UTF-8 on the disk; what was decoded by replacing something is none of them. */
function rawNames(path: string): Set<string> {
  const names = new Set<string>();
  for (const raw of readdirSync(path, { encoding: 'buffer' })) {
    const name = raw.toString('utf8');
    if (Buffer.from(name, 'utf8').equals(raw)) names.add(name);
  }
  return names;
}

export function isMissing(thrown: unknown): boolean {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
