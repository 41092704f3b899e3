/**
 * Messages of the channel `transfer` by which shared folders are looked through; docs/spec/transfers.md has the table. uint is the
 * codec's LEB128, a text its UTF-8 behind its length.
 *
 *   browse   id (4), folder (text, at most 512), deep (1), after (1: 0 nothing, 1 a folder, 2 a file); with 1 name (text, 1 ... 255);
 *            with 2 folder below (text, at most 512), name (text, 1 ... 255), root (32)
 *   shelf    id (4), outcome (1: 0 here, 1 not allowed, 2 no such folder, 3 not now); with 0: files below (uint), bytes below (uint),
 *            more (1), count, at most 512, then entries: kind (1); 0 folder: name (text, 1 ... 255), files (uint), bytes (uint);
 *            1 file: root (32), folder below (text, at most 512), name (text, 1 ... 255), size (uint), day (uint)
 */
import { isPathSegment, utf8Length } from '../../../shared/base/paths.ts';
import { MAX_FILE_NAME_BYTES, MAX_FOLDER_BYTES, MAX_SHARED_FILE_BYTES, MAX_SHELF_ENTRIES } from '../limits.ts';
import type {
  ShelfCursor,
  ShelfEntry,
  ShelfFile,
  ShelfPage,
  ShelfQuestion,
  ShelfRefusal,
} from '../transfer/shelves.ts';
import type { Reader, Writer } from './codec.ts';
import { ADDRESS_BYTES } from './record.ts';
import { MAX_DAY } from './search-entries.ts';

const REFUSALS = { refused: 1, missing: 2, busy: 3 } as const;

export type BrowseMessage = { readonly type: 'browse'; readonly id: number } & ShelfQuestion;
export interface ShelfMessage {
  readonly type: 'shelf';
  readonly id: number;
  readonly shelf: ShelfPage | ShelfRefusal;
}

export function writeBrowse(writer: Writer, { id, folder, deep, after }: BrowseMessage): void {
  writer.u32(id).text(folder).bool(deep);
  if (after === undefined) writer.u8(0);
  else if (after.kind === 'folder') writer.u8(1).text(after.name);
  else writer.u8(2).text(after.folder).text(after.name).fixed(after.root, ADDRESS_BYTES);
}

export function readBrowse(reader: Reader): BrowseMessage {
  const [id, folder, deep] = [reader.u32(), readFolder(reader), reader.bool()];
  const kind = reader.oneOf([0, 1, 2]);
  // Of all files below a folder none comes after a folder.
  if (kind === 1 && deep) reader.fail('unknown-value');
  const after = kind === 0 ? undefined : kind === 1 ? readFolderCursor(reader) : readFileCursor(reader, deep);
  return { type: 'browse', id, folder, deep, after };
}

export function writeShelf(writer: Writer, { id, shelf }: ShelfMessage): void {
  writer.u32(id);
  if (typeof shelf === 'string') {
    writer.u8(REFUSALS[shelf]);
    return;
  }
  writer.u8(0).uint(shelf.files).uint(shelf.sizeBytes).bool(shelf.more);
  writer.list(shelf.entries, writeEntry);
}

export function readShelf(reader: Reader): ShelfMessage {
  const id = reader.u32();
  const outcome = reader.oneOf([0, 1, 2, 3]);
  if (outcome !== 0)
    return { type: 'shelf', id, shelf: outcome === 1 ? 'refused' : outcome === 2 ? 'missing' : 'busy' };
  const [files, sizeBytes, more] = [reader.uint(), reader.uint(), reader.bool()];
  return { type: 'shelf', id, shelf: { files, sizeBytes, more, entries: reader.list(MAX_SHELF_ENTRIES, readEntry) } };
}

/** At most; for filling a page. */
export function entryBytes(entry: ShelfEntry): number {
  if (entry.kind === 'folder') return 1 + 2 + utf8Length(entry.name) + 8 + 8;
  return 1 + ADDRESS_BYTES + 2 + utf8Length(entry.folder) + 2 + utf8Length(entry.name) + 6 + 3;
}

function writeEntry(writer: Writer, entry: ShelfEntry): void {
  if (entry.kind === 'folder') {
    writer.u8(0).text(entry.name).uint(entry.files).uint(entry.sizeBytes);
    return;
  }
  writer.u8(1).fixed(entry.root, ADDRESS_BYTES).text(entry.folder).text(entry.name);
  writer.uint(entry.sizeBytes).uint(entry.day);
}

function readEntry(reader: Reader): ShelfEntry {
  if (reader.oneOf([0, 1]) === 0)
    return { kind: 'folder', name: readName(reader), files: reader.uint(), sizeBytes: reader.uint() };
  const root = reader.fixed(ADDRESS_BYTES).slice();
  const [folder, name] = [readFolder(reader), readName(reader)];
  const file: ShelfFile = {
    ...{ kind: 'file', root, folder, name },
    sizeBytes: reader.uint(MAX_SHARED_FILE_BYTES),
    day: reader.uint(MAX_DAY),
  };
  return file;
}

function readFolderCursor(reader: Reader): ShelfCursor {
  return { kind: 'folder', name: readName(reader) };
}

function readFileCursor(reader: Reader, deep: boolean): ShelfCursor {
  const [folder, name] = [readFolder(reader), readName(reader)];
  if (folder !== '' && !deep) reader.fail('unknown-value');
  return { kind: 'file', folder, name, root: reader.fixed(ADDRESS_BYTES).slice() };
}

/** As in lists of shared files (search-entries.ts): what leads elsewhere is no name. */
function readName(reader: Reader): string {
  const name = reader.text(MAX_FILE_NAME_BYTES);
  return isPathSegment(name) ? name : reader.fail('unknown-value');
}

function readFolder(reader: Reader): string {
  const folder = reader.text(MAX_FOLDER_BYTES);
  return folder === '' || folder.split('/').every(isPathSegment) ? folder : reader.fail('unknown-value');
}
