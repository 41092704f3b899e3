/** What was dropped or chosen: files with their relative paths, folders walked, in the order they were met. */

export interface ChosenFile {
  /** Relative, '/' between parts; begins with the folder's name when a folder was chosen. */
  readonly path: string;
  readonly file: File;
}
export interface Chosen {
  readonly files: readonly ChosenFile[];
  /** In Electron, when it is one file or one folder: its path on this machine, so nothing has to be copied. */
  readonly nativePath?: string;
  /** Could not be read by the browser. */
  readonly unreadable: readonly string[];
}

/** As many as a staging area takes; more are not walked. */
export const MAX_CHOSEN_FILES = 100_000;

export class TooManyFiles extends Error {}

function nativePathOf(file: File | null): string | undefined {
  const path = file === null ? undefined : window.broadside?.pathOf?.(file);
  return path === undefined || path === '' ? undefined : path;
}

/** Must be called in the drop event itself: what was dropped cannot be asked for later. */
export async function filesOfDrop(transfer: DataTransfer): Promise<Chosen> {
  const items = [...transfer.items].filter((item) => item.kind === 'file');
  const native = items.length === 1 ? nativePathOf(items[0]!.getAsFile()) : undefined;
  const entries = items.map((item) => item.webkitGetAsEntry());
  const loose = items.map((item) => item.getAsFile());
  if (native !== undefined) return { files: [], nativePath: native, unreadable: [] };
  const files: ChosenFile[] = [];
  const unreadable: string[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry === null) {
      const file = loose[index];
      if (file) files.push({ path: file.name, file });
      continue;
    }
    await walk(entry, entry.name, files, unreadable);
  }
  return { files, unreadable };
}

async function walk(entry: FileSystemEntry, path: string, files: ChosenFile[], unreadable: string[]): Promise<void> {
  if (files.length >= MAX_CHOSEN_FILES) throw new TooManyFiles();
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      files.push({ path, file });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A browser gives a hundred or so at a time, and none when there are no more.
      const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (batch.length === 0) return;
      for (const child of batch) await walk(child, `${path}/${child.name}`, files, unreadable);
    }
  } catch (thrown) {
    if (thrown instanceof TooManyFiles) throw thrown;
    unreadable.push(path);
  }
}

export function filesOfInput(list: FileList): Chosen {
  const files = [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  if (files.length > MAX_CHOSEN_FILES) throw new TooManyFiles();
  const first = files[0];
  const native = first === undefined ? undefined : nativePathOf(first.file);
  if (first === undefined || native === undefined) return { files, unreadable: [] };
  if (files.length === 1 && !first.path.includes('/')) return { files: [], nativePath: native, unreadable: [] };
  // A folder: what its first file's path has beyond the folder is taken off again.
  const below = first.path.split('/').length - 1;
  const folder = native
    .split(/[\\/]/)
    .slice(0, -below)
    .join(native.includes('\\') ? '\\' : '/');
  return { files: [], nativePath: folder, unreadable: [] };
}
