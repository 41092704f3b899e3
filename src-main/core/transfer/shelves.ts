/**
 * What a user tells of its shared folders: pages of one folder, or of all files below one. Folders and files come in one order, so
 * that a page is asked for by what the one before ended with, and whoever answers can neither go round in circles nor tell a file twice.
 */
import { compareBytes } from '../../../shared/base/bytes.ts';
import { compareUtf8 } from '../../../shared/base/paths.ts';

/** A folder in the folder that was asked for, with what lies below it. */
export interface ShelfFolder {
  readonly kind: 'folder';
  readonly name: string;
  readonly files: number;
  readonly sizeBytes: number;
}

export interface ShelfFile {
  readonly kind: 'file';
  readonly root: Uint8Array;
  /** Below the folder that was asked for, '/' between; '' where it lies in it. */
  readonly folder: string;
  readonly name: string;
  readonly sizeBytes: number;
  /** Days since 1970 since when it is shared. */
  readonly day: number;
}

export type ShelfEntry = ShelfFolder | ShelfFile;

/** What a page ended with: the next has what comes after it. */
export type ShelfCursor = Pick<ShelfFolder, 'kind' | 'name'> | Pick<ShelfFile, 'kind' | 'root' | 'folder' | 'name'>;

export interface ShelfQuestion {
  /** Below the shared folders, all of which are one; '' is what lies directly in them. */
  readonly folder: string;
  /** All files below it, and no folders; else what lies in it. */
  readonly deep: boolean;
  readonly after: ShelfCursor | undefined;
}

export interface ShelfPage {
  /** In all that lies below the folder. */
  readonly files: number;
  readonly sizeBytes: number;
  readonly entries: readonly ShelfEntry[];
  /** More comes after these. */
  readonly more: boolean;
}

/** It is not allowed; there is no such folder; not now. */
export type ShelfRefusal = 'refused' | 'missing' | 'busy';
/** offline: no link could be made, or it broke; silent: no answer; lied: an answer that no honest user gives. */
export type BrowseOutcome = ShelfPage | ShelfRefusal | 'offline' | 'silent' | 'lied';

/**
 * Folders before files; files by name, of one name by root. Of files below, those that lie in a folder come before those in the
 * folders in it.
 */
export function compareShelf(a: ShelfCursor, b: ShelfCursor): number {
  if (a.kind === 'folder' || b.kind === 'folder') {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
    return compareUtf8(a.name, b.name);
  }
  return compareFolders(a.folder, b.folder) || compareUtf8(a.name, b.name) || compareBytes(a.root, b.root);
}

export function cursorOf(entry: ShelfEntry): ShelfCursor {
  if (entry.kind === 'folder') return { kind: 'folder', name: entry.name };
  return { kind: 'file', root: entry.root, folder: entry.folder, name: entry.name };
}

/** Whether an honest user can have answered this: each entry after the one before, and of the kinds that were asked for. */
export function answers({ deep, after }: ShelfQuestion, { entries, more }: ShelfPage): boolean {
  if (more && entries.length === 0) return false;
  let last = after;
  for (const entry of entries) {
    const isAsked = entry.kind === 'folder' ? !deep : deep || entry.folder === '';
    if (!isAsked || (last !== undefined && compareShelf(last, cursorOf(entry)) >= 0)) return false;
    last = cursorOf(entry);
  }
  return true;
}

/** Segment by segment: what begins another comes before it. */
function compareFolders(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [a === '' ? [] : a.split('/'), b === '' ? [] : b.split('/')];
  for (let depth = 0; depth < Math.min(left.length, right.length); depth += 1) {
    const order = compareUtf8(left[depth]!, right[depth]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
