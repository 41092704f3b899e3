/**
 * What this node offers as a tree of folders, for those who look through it: made when somebody first does, kept up with what changes,
 * and dropped when nobody does any more. All shared folders are one: what is called alike in two of them is one folder.
 */
import { compareBytes } from '../../../shared/base/bytes.ts';
import { compareUtf8 } from '../../../shared/base/paths.ts';
import { MAX_SHELF_BYTES, MAX_SHELF_ENTRIES } from '../../core/limits.ts';
import { compareShelf } from '../../core/transfer/shelves.ts';
import type { ShelfEntry, ShelfFile, ShelfPage, ShelfQuestion } from '../../core/transfer/shelves.ts';
import { entryBytes } from '../../core/wire/shelf-messages.ts';
import type { KnownFile } from './catalogue.ts';

interface Shelf {
  readonly folders: Map<string, Shelf>;
  readonly files: Set<KnownFile>;
  /** In it and below. */
  count: number;
  sizeBytes: number;
  /** In their order, from the first time that they are asked for. */
  sortedNames: string[] | undefined;
  sortedFiles: KnownFile[] | undefined;
}

type FileCursor = Extract<ShelfQuestion['after'], { kind: 'file' }>;

export class ShelfTree {
  readonly #top = newShelf();

  add(file: KnownFile): void {
    let shelf = this.#top;
    count(shelf, file, 1);
    for (const name of segmentsOf(file.directory)) {
      let next = shelf.folders.get(name);
      if (next === undefined) {
        next = newShelf();
        shelf.folders.set(name, next);
        shelf.sortedNames?.splice(placeOf(shelf.sortedNames, name, compareUtf8), 0, name);
      }
      shelf = next;
      count(shelf, file, 1);
    }
    shelf.files.add(file);
    shelf.sortedFiles?.splice(placeOf(shelf.sortedFiles, file, compareFiles), 0, file);
  }

  remove(file: KnownFile): void {
    const way = this.#wayTo(file.directory);
    if (way?.at(-1)!.shelf.files.delete(file) !== true) return;
    const { sortedFiles } = way.at(-1)!.shelf;
    // Those that are alike stand side by side.
    const index = sortedFiles?.indexOf(file, placeOf(sortedFiles, file, compareFiles)) ?? -1;
    if (index >= 0) sortedFiles!.splice(index, 1);
    for (const [depth, { name, shelf }] of way.entries()) {
      count(shelf, file, -1);
      if (depth === 0 || shelf.count > 0) continue;
      const above = way[depth - 1]!.shelf;
      above.folders.delete(name);
      above.sortedNames?.splice(placeOf(above.sortedNames, name, compareUtf8), 1);
    }
  }

  /** Undefined: there is no such folder. */
  page(question: ShelfQuestion): ShelfPage | undefined {
    const shelf = this.#wayTo(question.folder)?.at(-1)!.shelf;
    if (shelf === undefined) return undefined;
    const entries: ShelfEntry[] = [];
    let bytes = 0;
    let more = false;
    for (const entry of question.deep ? below(shelf, '', question.after) : within(shelf, question.after)) {
      bytes += entryBytes(entry);
      more = bytes > MAX_SHELF_BYTES || entries.length >= MAX_SHELF_ENTRIES;
      if (more) break;
      entries.push(entry);
    }
    return { files: shelf.count, sizeBytes: shelf.sizeBytes, entries, more };
  }

  #wayTo(folder: string): { readonly name: string; readonly shelf: Shelf }[] | undefined {
    const way = [{ name: '', shelf: this.#top }];
    for (const name of segmentsOf(folder)) {
      const shelf = way.at(-1)!.shelf.folders.get(name);
      if (shelf === undefined) return undefined;
      way.push({ name, shelf });
    }
    return way;
  }
}

function* within(shelf: Shelf, after: ShelfQuestion['after']): Generator<ShelfEntry> {
  if (after?.kind !== 'file') {
    for (const name of namesOf(shelf)) {
      if (after !== undefined && compareUtf8(name, after.name) <= 0) continue;
      const { count: files, sizeBytes } = shelf.folders.get(name)!;
      yield { kind: 'folder', name, files, sizeBytes };
    }
  }
  yield* filesOf(shelf, '', after?.kind === 'file' ? after : undefined);
}

/** All files below, those of a folder before those of the folders in it: what comes before `after` is not walked through. */
function* below(shelf: Shelf, folder: string, after: ShelfQuestion['after']): Generator<ShelfEntry> {
  const cursor = after?.kind === 'file' ? after : undefined;
  const rest = cursor === undefined ? undefined : segmentsOf(cursor.folder).slice(segmentsOf(folder).length);
  if (rest === undefined || rest.length === 0) yield* filesOf(shelf, folder, cursor);
  const first = rest?.[0];
  for (const name of namesOf(shelf)) {
    const order = first === undefined ? 1 : compareUtf8(name, first);
    if (order < 0) continue;
    const path = folder === '' ? name : `${folder}/${name}`;
    yield* below(shelf.folders.get(name)!, path, order === 0 ? cursor : undefined);
  }
}

function* filesOf(shelf: Shelf, folder: string, after: FileCursor | undefined): Generator<ShelfEntry> {
  shelf.sortedFiles ??= [...shelf.files].sort(compareFiles);
  const files = shelf.sortedFiles;
  let index = after === undefined ? 0 : placeOf(files, after, (file, cursor) => compareNamed(file, cursor));
  while (after !== undefined && index < files.length && compareNamed(files[index]!, after) === 0) index += 1;
  let last: ShelfFile | undefined;
  for (; index < files.length; index += 1) {
    const entry = entryOf(files[index]!, folder);
    // The same under the same name in two shared folders is one.
    if (last === undefined || compareShelf(last, entry) !== 0) yield entry;
    last = entry;
  }
}

/** The first that does not come before it. */
function placeOf<Item, Wanted>(
  sorted: readonly Item[],
  wanted: Wanted,
  compare: (a: Item, b: Wanted) => number,
): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(sorted[middle]!, wanted) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** As compareShelf, of files of one folder. */
function compareNamed(a: KnownFile, b: { readonly name: string; readonly root: Uint8Array }): number {
  return compareUtf8(a.name, b.name) || compareBytes(a.root!, b.root);
}

function compareFiles(a: KnownFile, b: KnownFile): number {
  return compareUtf8(a.name, b.name) || compareBytes(a.root!, b.root!);
}

function entryOf({ root, name, sizeBytes, day }: KnownFile, folder: string): ShelfFile {
  return { kind: 'file', root: root!, folder, name, sizeBytes, day: day! };
}

function namesOf(shelf: Shelf): string[] {
  return (shelf.sortedNames ??= [...shelf.folders.keys()].sort(compareUtf8));
}

function segmentsOf(folder: string): string[] {
  return folder === '' ? [] : folder.split('/');
}

function newShelf(): Shelf {
  return {
    ...{ folders: new Map(), files: new Set(), count: 0, sizeBytes: 0 },
    ...{ sortedNames: undefined, sortedFiles: undefined },
  };
}

function count(shelf: Shelf, { sizeBytes }: KnownFile, by: 1 | -1): void {
  shelf.count += by;
  shelf.sizeBytes += by * sizeBytes;
}
