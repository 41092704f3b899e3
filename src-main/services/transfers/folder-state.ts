/**
 * What outlives an interruption of a folder that is loaded, beside it:
 *
 *   .NAME.ID.folder/     ID from the user and the folder; for its owner only; locked while it is loaded
 *     plan               a line for each file: root, size, folder and name as its user calls them, path below NAME here
 *     done               numbers of the files that are whole, four bytes each, after they took their names
 *     left               numbers of the files that the person does not want, as JSON
 *     order              numbers of the files that come before or after others, each with its priority, as JSON
 *
 * It is removed when all of it is here. What is read back is judged as if somebody else had written it.
 */
import { lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { fromHex, toHex } from '../../../shared/base/bytes.ts';
import { isPathSegment } from '../../../shared/base/paths.ts';
import { PrioritySchema } from '../../../shared/ipc/download-model.ts';
import type { Priority } from '../../../shared/ipc/download-model.ts';
import { diskError, writeAll } from '../read/output-disk.ts';
import type { LockDirectory } from '../read/partial.ts';
import { platformName } from '../read/platform-names.ts';
import { lockPart } from './file-part.ts';

/** As in read/partial.ts. */
const MAX_NAME_BYTES = 200;
const NUMBER_BYTES = 4;

export interface PlannedFile {
  readonly root: Uint8Array;
  readonly sizeBytes: number;
  /** As its user calls them; the folder below the one that is loaded. */
  readonly folder: string;
  readonly name: string;
  /** Here, below the target, '/' between. */
  readonly path: string;
}

const LineSchema = v.tuple([v.string(), v.number(), v.string(), v.string(), v.string()]);
const LeftSchema = v.array(v.number());
const OrderSchema = v.array(v.tuple([v.number(), PrioritySchema]));

export class FolderState {
  readonly #path: string;
  readonly #lock: { release(): void } | undefined;
  #done: FileHandle | undefined;
  /** Of whole numbers: half of one, which a crash or a full disk left, is written over. */
  #doneBytes = 0;
  #noting: Promise<unknown> = Promise.resolve();
  /** Undefined until it is known what there is to load. */
  files: readonly PlannedFile[] | undefined;
  readonly done = new Set<number>();
  readonly left = new Set<number>();
  /** Of those that have another than normal. */
  readonly priorities = new Map<number, Priority>();

  private constructor(path: string, lock: { release(): void } | undefined) {
    this.#path = path;
    this.#lock = lock;
  }

  static pathOf(directory: string, name: string, id: string, platform: string): string {
    return join(directory, `.${platformName(name, platform, MAX_NAME_BYTES)}.${id}.folder`);
  }

  /** Throws `busy` while another job loads the same to the same place, and what the disk says. */
  static async open(path: string, lock: LockDirectory | undefined): Promise<FolderState> {
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      if (!(await lstat(path)).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'EEXIST' });
    } catch (thrown) {
      throw diskError(thrown, path);
    }
    const state = new FolderState(path, lockPart(path, lock));
    try {
      await state.#load();
      state.#done = await open(join(path, 'done'), 'r+').catch(() => open(join(path, 'done'), 'w+', 0o600));
      state.#doneBytes = Math.floor((await state.#done.stat()).size / NUMBER_BYTES) * NUMBER_BYTES;
    } catch (thrown) {
      await state.close();
      throw diskError(thrown, path);
    }
    return state;
  }

  /** As it is, for looking; undefined where there is none. Nothing of it may be changed, nor while somebody loads it. */
  static async look(path: string): Promise<FolderState | undefined> {
    const state = new FolderState(path, undefined);
    try {
      await state.#load();
    } catch (thrown) {
      throw diskError(thrown, path);
    }
    return state.files === undefined ? undefined : state;
  }

  async plan(files: readonly PlannedFile[]): Promise<void> {
    const lines = files.map(({ root, sizeBytes, folder, name, path }) =>
      JSON.stringify([toHex(root), sizeBytes, folder, name, path]),
    );
    await this.#replace('plan', lines.join('\n'));
    this.files = files;
  }

  /** It has its name; durable when this resolves. */
  async finished(index: number): Promise<void> {
    this.done.add(index);
    const number = Buffer.alloc(NUMBER_BYTES);
    number.writeUInt32BE(index);
    // In turn, for several files may take their names at once.
    const noted = this.#noting.then(async () => {
      await writeAll(this.#done!, number, this.#doneBytes);
      this.#doneBytes += NUMBER_BYTES;
      await this.#done!.datasync();
    });
    this.#noting = noted.catch(() => undefined);
    try {
      await noted;
    } catch (thrown) {
      throw diskError(thrown, this.#path);
    }
  }

  async forgetDone(): Promise<void> {
    this.done.clear();
    try {
      await this.#done!.truncate(0);
      this.#doneBytes = 0;
    } catch (thrown) {
      throw diskError(thrown, this.#path);
    }
  }

  async choose(indexes: readonly number[], isWanted: boolean): Promise<void> {
    for (const index of indexes) {
      if (isWanted) this.left.delete(index);
      else this.left.add(index);
    }
    await this.#replace('left', JSON.stringify([...this.left]));
  }

  async order(indexes: readonly number[], priority: Priority): Promise<void> {
    for (const index of indexes) {
      if (priority === 'normal') this.priorities.delete(index);
      else this.priorities.set(index, priority);
    }
    await this.#replace('order', JSON.stringify([...this.priorities]));
  }

  async close(): Promise<void> {
    await this.#noting;
    await this.#done?.close().catch(() => undefined);
    this.#done = undefined;
    this.#lock?.release();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#path, { recursive: true, force: true });
  }

  async #load(): Promise<void> {
    const plan = await this.#read('plan');
    if (plan === undefined) return;
    const files = plan.toString('utf8').split('\n').map(parseLine);
    // Of another version, or not ours: begun anew.
    if (files.some((file) => file === undefined)) return;
    this.files = files as PlannedFile[];
    const count = files.length;
    const done = (await this.#read('done')) ?? Buffer.alloc(0);
    for (let at = 0; at + NUMBER_BYTES <= done.length; at += NUMBER_BYTES) {
      const index = done.readUInt32BE(at);
      if (index < count) this.done.add(index);
    }
    for (const index of (await this.#parsed('left', LeftSchema)) ?? []) if (index < count) this.left.add(index);
    for (const [index, priority] of (await this.#parsed('order', OrderSchema)) ?? [])
      if (index < count) this.priorities.set(index, priority);
  }

  /** Undefined where there is none, or another version wrote it. */
  async #parsed<Value>(name: string, schema: v.GenericSchema<unknown, Value>): Promise<Value | undefined> {
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), (await this.#read(name))?.toString('utf8'));
    return read.success ? read.output : undefined;
  }

  async #read(name: string): Promise<Buffer | undefined> {
    try {
      return await readFile(join(this.#path, name));
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  async #replace(name: string, text: string): Promise<void> {
    const [path, fresh] = [join(this.#path, name), join(this.#path, `${name}.new`)];
    try {
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(fresh, path);
    } catch (thrown) {
      throw diskError(thrown, path);
    }
  }
}

function parseLine(text: string): PlannedFile | undefined {
  const line = v.safeParse(v.pipe(v.string(), v.parseJson(), LineSchema), text);
  if (!line.success) return undefined;
  return plannedFile(...line.output);
}

/** Of what was read from a disk; undefined where its path leads out of the target, or it is no file at all. */
export function plannedFile(
  hex: string,
  sizeBytes: number,
  folder: string,
  name: string,
  path: string,
): PlannedFile | undefined {
  const root = fromHex(hex);
  const isPlain = path.split('/').every(isPathSegment) && Number.isSafeInteger(sizeBytes) && sizeBytes >= 0;
  return root?.length === 32 && isPlain ? { root, sizeBytes, folder, name, path } : undefined;
}
