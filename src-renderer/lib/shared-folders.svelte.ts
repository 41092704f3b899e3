/** The folders that are shared, as the node last said; asked for while somebody looks at them. */
import type { SharedFolder } from '../../shared/ipc/search-model.ts';
import { node } from './connection/node.svelte.ts';

class SharedFolders {
  /** Undefined until the node has said. */
  list = $state.raw<readonly SharedFolder[]>();

  /** Keeps it up to date; the function returned ends that. */
  watch(): () => void {
    void this.#refresh();
    return node.on('shares', (folders) => (this.list = folders));
  }

  async #refresh(): Promise<void> {
    try {
      this.list = await node.call('shares.list', null);
    } catch {
      // The connection broke; it is asked again with the next one.
    }
  }
}

export const sharedFolders = new SharedFolders();
