/** The files of a folder that is loaded: which are wanted, which come next, which are here. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorInfo, FolderFile } from '../../../shared/ipc/model.ts';
import type { FolderState, PlannedFile } from './folder-state.ts';

type State = FolderFile['state'];

export class FolderFiles {
  readonly #state: FolderState;
  readonly #files: readonly PlannedFile[];
  readonly #states: State[];
  readonly #errors = new Map<number, ErrorInfo>();
  /** All before it were looked at once. */
  #cursor = 0;
  /** Those that the person wants next, and those that come again behind all others. */
  #first: number[] = [];
  readonly #again: number[] = [];
  readonly #counts: Record<State, number> = { waiting: 0, loading: 0, done: 0, left: 0, failed: 0 };
  readonly #bytes: Record<State, number> = { waiting: 0, loading: 0, done: 0, left: 0, failed: 0 };

  /** Of a state that knows its files. */
  constructor(state: FolderState) {
    this.#state = state;
    this.#files = state.files!;
    this.#states = this.#files.map((file, index) => {
      const is = state.done.has(index) ? 'done' : state.left.has(index) ? 'left' : 'waiting';
      this.#counts[is] += 1;
      this.#bytes[is] += file.sizeBytes;
      return is;
    });
  }

  get total(): number {
    return this.#files.length;
  }

  get doneBytes(): number {
    return this.#bytes.done;
  }

  /** Others could be loaded. */
  get hasWaiting(): boolean {
    return this.#counts.waiting > 0;
  }

  counts(): { files: number; filesDone: number; filesFailed: number; filesInAll: number; sizeBytes: number } {
    const { left, done, failed } = this.#counts;
    const sizeBytes = this.#bytes.waiting + this.#bytes.loading + this.#bytes.done + this.#bytes.failed;
    return { files: this.total - left, filesDone: done, filesFailed: failed, filesInAll: this.total, sizeBytes };
  }

  /** Undefined: none waits. */
  next(): number | undefined {
    if (this.#counts.waiting === 0) return undefined;
    const isWaiting = (index: number): boolean => this.#states[index] === 'waiting';
    this.#first = this.#first.filter(isWaiting);
    if (this.#first[0] !== undefined) return this.#first[0];
    while (this.#cursor < this.total && !isWaiting(this.#cursor)) this.#cursor += 1;
    if (this.#cursor < this.total) return this.#cursor;
    while (this.#again.length > 0) {
      const index = this.#again.shift()!;
      if (isWaiting(index)) return index;
    }
    return this.#states.indexOf('waiting');
  }

  begin(index: number): PlannedFile {
    this.#set(index, 'loading');
    this.#cursor = Math.max(this.#cursor, this.#first.includes(index) ? 0 : index);
    return this.#files[index]!;
  }

  /** It comes again when the others had their turn. */
  putBack(index: number): void {
    this.#set(index, this.#state.left.has(index) ? 'left' : 'waiting');
    this.#first = this.#first.filter((other) => other !== index);
    this.#cursor = Math.max(this.#cursor, index + 1);
    this.#again.push(index);
  }

  fail(index: number, error: ErrorInfo): void {
    this.#errors.set(index, error);
    this.#set(index, 'failed');
  }

  /** Durable when it resolves. */
  async finished(index: number): Promise<void> {
    await this.#state.finished(index);
    this.#set(index, 'done');
  }

  /** What is here, or on its way, stays as it is until whoever loads it puts it back. */
  async choose(indexes: readonly number[], wanted: boolean): Promise<void> {
    const known = indexes.filter((index) => index < this.total && this.#states[index] !== 'done');
    await this.#state.choose(known, wanted);
    for (const index of known) {
      if (this.#states[index] === 'loading') continue;
      this.#set(index, wanted ? 'waiting' : 'left');
      if (wanted && index < this.#cursor) this.#again.push(index);
    }
  }

  preferred(index: number): void {
    const state = this.#states[index];
    if (state !== 'waiting' && state !== 'failed') return;
    this.#set(index, 'waiting');
    this.#first = [index, ...this.#first.filter((other) => other !== index)];
  }

  page(from: number, limit: number): FolderFile[] {
    const last = Math.min(this.total, from + limit);
    return Array.from({ length: Math.max(0, last - from) }, (_, at) => this.shown(from + at));
  }

  shown(index: number): FolderFile {
    const { folder, name, path, sizeBytes } = this.#files[index]!;
    const error = this.#errors.get(index);
    const called = folder === '' ? name : `${folder}/${name}`;
    return {
      ...{ index, folder, name, sizeBytes, state: this.#states[index]! },
      ...(path !== called && { path }),
      ...(error !== undefined && { error }),
    };
  }

  /** Why not all of it is here; undefined when it is. */
  failure(): BroadsideError | undefined {
    const first = this.#states.indexOf('failed');
    const error = this.#errors.get(first);
    if (error === undefined) return undefined;
    const { failed } = this.#counts;
    const others = failed === 1 ? '' : ` ${failed - 1} more failed, too.`;
    return new BroadsideError(error.code, `${this.#files[first]!.name}: ${error.message}${others}`);
  }

  #set(index: number, state: State): void {
    const [before, { sizeBytes }] = [this.#states[index]!, this.#files[index]!];
    this.#counts[before] -= 1;
    this.#bytes[before] -= sizeBytes;
    this.#counts[state] += 1;
    this.#bytes[state] += sizeBytes;
    this.#states[index] = state;
    if (state !== 'failed') this.#errors.delete(index);
  }
}
