/** The files of a folder that is loaded: which are wanted, which come next, which are here. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { ErrorInfo, FolderFile, Priority } from '../../../shared/ipc/model.ts';
import type { FolderState, PlannedFile } from './folder-state.ts';

type State = FolderFile['state'];

const PRIORITIES = ['high', 'normal', 'low'] as const satisfies readonly Priority[];

export class FolderFiles {
  readonly #state: FolderState;
  readonly #files: readonly PlannedFile[];
  readonly #states: State[];
  readonly #errors = new Map<number, ErrorInfo>();
  /** Of each priority: all before it were looked at once. */
  readonly #cursors: Record<Priority, number> = { high: 0, normal: 0, low: 0 };
  /** Those that the person wants next, and those that come again behind all others. */
  #first: number[] = [];
  readonly #again = new Set<number>();
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

  /** Undefined: there is no such file. */
  planned(index: number): PlannedFile | undefined {
    return this.#files[index];
  }

  stateOf(index: number): State | undefined {
    return this.#states[index];
  }

  isWanted(index: number): boolean {
    return !this.#state.left.has(index);
  }

  priorityOf(index: number): Priority {
    return this.#state.priorities.get(index) ?? 'normal';
  }

  /** Undefined: none waits. */
  next(): number | undefined {
    if (this.#counts.waiting === 0) return undefined;
    this.#first = this.#first.filter((index) => this.#states[index] === 'waiting');
    if (this.#first[0] !== undefined) return this.#first[0];
    for (const priority of PRIORITIES) {
      const index = this.#nextOf(priority);
      if (index !== undefined) return index;
    }
    const again = [...this.#again].filter((index) => this.#states[index] === 'waiting');
    for (const priority of PRIORITIES) {
      const index = again.find((each) => this.priorityOf(each) === priority);
      if (index !== undefined) return index;
    }
    return undefined;
  }

  begin(index: number): PlannedFile {
    this.#set(index, 'loading');
    this.#again.delete(index);
    return this.#files[index]!;
  }

  /** It comes again: when the others had their turn, or in its place. */
  putBack(index: number, behindOthers: boolean): void {
    this.#first = this.#first.filter((other) => other !== index);
    if (this.#state.left.has(index)) return this.#set(index, 'left');
    if (behindOthers) this.#again.add(index);
    this.#wait(index);
    return undefined;
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

  /**
   * What is here, or on its way, stays as it is until whoever loads it puts it back. Returns those that are not wanted any more and are not
   * being loaded.
   */
  async choose(indexes: readonly number[], wanted: boolean): Promise<number[]> {
    const known = indexes.filter((index) => index < this.total && this.#states[index] !== 'done');
    await this.#state.choose(known, wanted);
    const changed = known.filter((index) => this.#states[index] !== 'loading' && this.#states[index] !== 'done');
    for (const index of changed) {
      if (!wanted) this.#set(index, 'left');
      else if (this.#states[index] !== 'waiting') this.#wait(index);
    }
    return wanted ? [] : changed;
  }

  async order(indexes: readonly number[], priority: Priority): Promise<void> {
    const known = indexes.filter((index) => index < this.total);
    await this.#state.order(known, priority);
    for (const index of known) this.#cursors[priority] = Math.min(this.#cursors[priority], index);
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
    const priority = this.priorityOf(index);
    const called = folder === '' ? name : `${folder}/${name}`;
    return {
      ...{ index, folder, name, sizeBytes, state: this.#states[index]! },
      ...(path !== called && { path }),
      ...(priority !== 'normal' && { priority }),
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

  /** The first that waits of a priority, and was not put behind the others. */
  #nextOf(priority: Priority): number | undefined {
    const isNext = (index: number): boolean =>
      this.#states[index] === 'waiting' && this.priorityOf(index) === priority && !this.#again.has(index);
    let at = this.#cursors[priority];
    while (at < this.total && !isNext(at)) at += 1;
    this.#cursors[priority] = at;
    return at < this.total ? at : undefined;
  }

  #wait(index: number): void {
    this.#set(index, 'waiting');
    const priority = this.priorityOf(index);
    this.#cursors[priority] = Math.min(this.#cursors[priority], index);
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
