/**
 * The one way to a direct download: asked for here, and begun only when somebody agreed to it, each time anew, for both ends
 * then see each other's address. A link may be a trap to unmask whoever follows it.
 */
import type { BrowsedEntry } from '../../shared/ipc/browse-model.ts';
import { node } from './connection/node.svelte.ts';

export interface DirectFile {
  readonly link: string;
  /** As strangers call it; absent where the link does not say. */
  readonly name?: string;
  readonly sizeBytes?: number;
  /** How many have it, where a search counted them. */
  readonly sources?: number;
  /** Public keys of some of them. */
  readonly sourceKeys?: readonly string[];
  /** Told once it has begun. */
  readonly onBegun?: () => void;
}

/** The folder of the last download, for this tab alone. */
const FOLDER_KEY = 'broadside.download-folder';

class DirectDownload {
  asked = $state.raw<DirectFile>();

  ask(file: DirectFile): void {
    this.asked = file;
  }

  close(): void {
    this.asked = undefined;
  }

  get folder(): string {
    return sessionStorage.getItem(FOLDER_KEY) ?? '';
  }

  /** Rejects with what the node says; resolves to the job. */
  async begin({ link, sourceKeys = [], onBegun }: DirectFile, folder: string): Promise<string> {
    const { job } = await node.call('download.start', { link, directory: folder, sources: [...sourceKeys] });
    sessionStorage.setItem(FOLDER_KEY, folder);
    onBegun?.();
    return job;
  }

  /** A path that begins elsewhere would be taken from wherever the node was started. */
  isWhole(path: string): boolean {
    return /^(\/|[a-z]:[\\/]|\\\\)/i.test(path);
  }

  /**
   * Of a folder of a user the folders and files that were chosen, or, where none are, all of it; each folder is a job, and so are the
   * files together. Rejects with what the node says.
   */
  async beginFolders(user: string, folder: string, chosen: readonly BrowsedEntry[], directory: string): Promise<void> {
    const files = chosen.filter(({ kind }) => kind === 'file').map(({ name }) => name);
    const folders = chosen.filter(({ kind }) => kind === 'folder').map(({ name }) => name);
    if (chosen.length === 0) await node.call('folder.start', { user, folder, directory });
    for (const name of folders) {
      const below = folder === '' ? name : `${folder}/${name}`;
      await node.call('folder.start', { user, folder: below, directory });
    }
    if (files.length > 0) await node.call('folder.start', { user, folder, directory, only: files });
    sessionStorage.setItem(FOLDER_KEY, directory);
  }
}

export const directDownload = new DirectDownload();
