/** Fault scenarios of what a person loads: a publication, a shared file, and the state of a folder. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MIB } from '../../shared/base/units.ts';
import { HASH_BYTES, MIN_CHUNK_BYTES } from '../../src-main/core/transfer/tree.ts';
import { getPublication } from '../../src-main/services/read/get.ts';
import { FilePart } from '../../src-main/services/transfers/file-part.ts';
import { FolderState } from '../../src-main/services/transfers/folder-state.ts';
import { lockDataDirectory } from '../../src-main/storage/files/data-lock.ts';
import { createWorld, crypto, pattern } from '../unit/read/world.ts';
import { nothing } from './fault-scenario.ts';
import type { FaultScenario } from './fault-scenario.ts';
import { ManualClock } from './manual-clock.ts';
import { seededRandom } from './seeded-random.ts';
import { meshFile } from './transfer-mesh.ts';

/** More than a segment, so that something is noted before the end. */
const LARGE = pattern(5 * MIB, 1);
const SMALL = pattern(70_000, 2);

/** As `get` of the command line: beside its target, then renamed. */
function got(name: string, files: Record<string, Uint8Array>, isSlow: boolean): FaultScenario {
  const world = createWorld();
  const built = world.publish({ files });
  const paths = Object.keys(files);
  return {
    name,
    isNative: false,
    isSlow,
    prepare: nothing,
    async open(directory) {
      const path = join(directory, 'got');
      const check = async (): Promise<void> => {
        for (const each of paths) {
          const file = paths.length === 1 ? path : join(path, each);
          assert.ok(Buffer.from(files[each]!).equals(await readFile(file)), each);
        }
      };
      return {
        async act() {
          if (existsSync(path)) return check();
          const deps = { ...world.deps, lockDirectory: lockDataDirectory };
          await getPublication(deps, { link: built.text, directory, path });
        },
        intact: async () => {
          if (existsSync(path)) await check();
        },
        done: check,
        close: nothing,
      };
    },
  };
}

function sharedFile(): FaultScenario {
  const file = meshFile(crypto, 4 * MIN_CHUNK_BYTES + 100, 1);
  const chunkOf = (chunk: number): Uint8Array =>
    file.bytes.slice(chunk * MIN_CHUNK_BYTES, (chunk + 1) * MIN_CHUNK_BYTES);
  return {
    name: 'shared file',
    isNative: false,
    prepare: nothing,
    async open(directory) {
      const path = join(directory, 'film.mkv');
      const open: FilePart[] = [];
      /** Those that an earlier run noted must not be asked for again. */
      let noted = 0;
      const check = async (): Promise<void> => assert.ok(Buffer.from(file.bytes).equals(await readFile(path)));
      return {
        async act() {
          if (existsSync(path)) return check();
          const opened = await FilePart.open({
            ...{ crypto, random: seededRandom(1), clock: new ManualClock(), root: file.root, ownName: 'film.mkv' },
            ...{ directory, path: undefined, platform: 'linux', lock: lockDataDirectory },
          });
          open.push(opened);
          const held = await opened.held();
          const here = held === undefined ? 0 : [...held.bitmap].reduce((sum, byte) => sum + bits(byte), 0);
          assert.ok(here >= noted, `${here} chunks are left of ${noted} that were noted`);
          if (held === undefined) {
            opened.proved(file.bytes.length);
            opened.page({ level: 0, index: 0 }, file.hashes);
          }
          for (let chunk = 0; chunk < 5; chunk += 1) {
            if (opened.has(chunk)) continue;
            const hash = file.hashes.slice(chunk * HASH_BYTES, (chunk + 1) * HASH_BYTES);
            assert.equal(await opened.store(chunk, chunkOf(chunk), hash), 'stored');
          }
          await opened.finish();
          open.pop();
        },
        async intact() {
          if (existsSync(path)) return check();
          for (const each of open.splice(0)) await each.leave();
          noted = await notedIn(directory);
        },
        done: check,
        async close() {
          for (const each of open.splice(0)) await each.leave();
        },
      };
    },
  };

  async function notedIn(directory: string): Promise<number> {
    const partial = join(directory, `.film.mkv.${Buffer.from(file.root).toString('hex').slice(0, 16)}.part`);
    if (!existsSync(join(partial, 'size'))) return 0;
    const [size, held, data] = await Promise.all(['size', 'held', 'data'].map((each) => readFile(join(partial, each))));
    if (size!.toString() !== String(file.bytes.length)) return 0;
    let count = 0;
    for (let chunk = 0; chunk < 5; chunk += 1) {
      if (((held![chunk >> 3] ?? 0) & (0x80 >> (chunk & 7))) === 0) continue;
      count += 1;
      const at = chunk * MIN_CHUNK_BYTES;
      assert.ok(
        data!.subarray(at, at + MIN_CHUNK_BYTES).equals(chunkOf(chunk)),
        `chunk ${chunk} is held and not there`,
      );
    }
    return count;
  }
}

function bits(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}

const PLANNED = Array.from({ length: 300 }, (_, index) => ({
  root: new Uint8Array(32).fill(index & 0xff),
  sizeBytes: 10,
  folder: '',
  name: `${index}`,
  path: `${index}.txt`,
}));

const folder: FaultScenario = {
  name: 'state of a folder',
  isNative: false,
  async prepare(directory) {
    const state = await FolderState.open(join(directory, '.a.folder'), lockDataDirectory);
    await state.plan(PLANNED);
    for (const index of [7, 259]) await state.finished(index);
    await state.choose([9], false);
    await state.close();
  },
  async open(directory) {
    const path = join(directory, '.a.folder');
    const open = [await FolderState.open(path, lockDataDirectory)];
    const told = new Set([7, 259]);
    const look = async (): Promise<FolderState> => {
      for (const each of open.splice(0)) await each.close();
      open.push(await FolderState.open(path, lockDataDirectory));
      return open[0]!;
    };
    return {
      async act() {
        const [state] = open;
        for (const index of [20, 21, 22]) {
          await state!.finished(index);
          told.add(index);
        }
        await state!.choose([10], false);
      },
      async intact() {
        const state = await look();
        assert.equal(state.files?.length, 300);
        for (const index of told) assert.ok(state.done.has(index), `${index} was finished`);
        for (const index of state.done) assert.ok([7, 259, 20, 21, 22].includes(index), `${index} was not finished`);
        assert.ok(state.left.has(9));
      },
      async done() {
        const state = await look();
        assert.deepEqual(
          [...state.done].toSorted((a, b) => a - b),
          [7, 20, 21, 22, 259],
        );
        assert.deepEqual(
          [...state.left].toSorted((a, b) => a - b),
          [9, 10],
        );
      },
      close: async () => {
        for (const each of open.splice(0)) await each.close();
      },
    };
  },
};

export const DOWNLOAD_SCENARIOS: readonly FaultScenario[] = [
  got('publication that is one file', { 'a.bin': LARGE }, true),
  got(
    'publication of several files',
    { 'a.bin': SMALL, 'sub/b.bin': SMALL, 'sub/c.txt': SMALL.subarray(0, 10) },
    false,
  ),
  sharedFile(),
  folder,
];
