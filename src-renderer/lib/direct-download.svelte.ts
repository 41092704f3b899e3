/**
 * The one way to a direct download: asked for here, and begun only when somebody agreed to it, each time anew, for both ends
 * then see each other's address. A link may be a trap to unmask whoever follows it.
 */
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
}

export const directDownload = new DirectDownload();
