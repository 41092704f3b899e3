/** Copies what tells about the person from stores under one key to stores under another, through their ports. */
import type { LibraryStore, SharedRow, ShareStore } from '../../core/ports.ts';

/** Files of a shared folder in one commit. Guess: with their hashes some MiB. */
const BATCH_FILES = 512;

export async function copyLibrary(from: LibraryStore, to: LibraryStore): Promise<void> {
  for (const row of await from.list()) await to.put(row);
}

export async function copyShares(from: ShareStore, to: ShareStore): Promise<void> {
  for (const { folder, value } of await from.folders()) {
    await to.putFolder(folder, value);
    const rows: SharedRow[] = [];
    await from.files(folder, (some) => rows.push(...some));
    for (let start = 0; start < rows.length; start += BATCH_FILES) {
      const put: (SharedRow & { hashes: Uint8Array })[] = [];
      for (const row of rows.slice(start, start + BATCH_FILES)) {
        const hashes = await from.hashes(folder, row.path, row.root);
        // What fails its check is hashed again at the next look at the folder.
        if (hashes !== undefined) put.push({ ...row, hashes });
      }
      await to.change(folder, { put, moved: [], removed: [] });
    }
  }
}
