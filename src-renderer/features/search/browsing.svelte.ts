/**
 * What a user shares, as far as this window has looked through it. Each time it is asked for straight, and agreed to first: both ends
 * then see each other's address. Kept in memory alone: addresses of the window would write whom one looked through into the history.
 */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import type { BroadsideError } from '../../../shared/base/errors.ts';
import type { BrowsedEntry, BrowsedPage } from '../../../shared/ipc/browse-model.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { router } from '../../lib/route.svelte.ts';

export interface BrowsedUser {
  readonly publicKey: string;
  readonly name: string;
}

class Browsing {
  user = $state.raw<BrowsedUser>();
  folder = $state('');
  /** ask: nobody has been asked yet. */
  state = $state<'ask' | 'asking' | 'shown' | 'failed'>('ask');
  error = $state.raw<BroadsideError>();
  entries = $state.raw<readonly BrowsedEntry[]>([]);
  page = $state.raw<BrowsedPage>();
  /** More of the folder is being asked for. */
  isGoingOn = $state(false);
  /** Names of folders, with a slash behind, and links of files. */
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  /** What comes for a folder that was left is nobody's. */
  #asked = 0;

  readonly segments = $derived(this.folder === '' ? [] : this.folder.split('/'));

  /** Goes to the page of a user; `folder`: where something of it was found. Nobody is asked before somebody agrees. */
  open(publicKey: string, name: string, folder = ''): void {
    this.user = { publicKey, name };
    this.folder = folder;
    this.#clear();
    this.state = 'ask';
    router.go('search', 'browse');
  }

  async look(folder: string): Promise<void> {
    this.folder = folder;
    this.#clear();
    this.state = 'asking';
    await this.#ask();
  }

  async more(): Promise<void> {
    this.isGoingOn = true;
    await this.#ask(this.page?.next);
  }

  choose(key: string, isChosen: boolean): void {
    const chosen = new Set(this.chosen);
    if (isChosen) chosen.add(key);
    else chosen.delete(key);
    this.chosen = chosen;
  }

  chooseNone(): void {
    this.chosen = new Set();
  }

  /** What it stands for among the chosen. */
  keyOf(entry: BrowsedEntry): string {
    return entry.kind === 'folder' ? `${entry.name}/` : `${entry.link}`;
  }

  pathOf(name: string): string {
    return this.folder === '' ? name : `${this.folder}/${name}`;
  }

  async #ask(after?: string): Promise<void> {
    this.#asked += 1;
    const [asked, publicKey] = [this.#asked, this.user!.publicKey];
    try {
      const page = await node.call('users.browse', {
        ...{ publicKey, folder: this.folder },
        ...(after !== undefined && { after }),
      });
      if (asked !== this.#asked) return;
      this.page = page;
      this.entries = [...this.entries, ...page.entries];
      this.state = 'shown';
    } catch (thrown) {
      if (asked !== this.#asked) return;
      this.error = toBroadsideError(thrown);
      this.state = 'failed';
    } finally {
      if (asked === this.#asked) this.isGoingOn = false;
    }
  }

  #clear(): void {
    this.#asked += 1;
    this.error = undefined;
    this.entries = [];
    this.page = undefined;
    this.isGoingOn = false;
    this.chosen = new Set();
  }
}

export const browsing = new Browsing();
