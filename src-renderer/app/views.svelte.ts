/**
 * The views by name. The one that the window begins with is fetched at once, all others when it has nothing else to do: so the first
 * load is short, and none has to be waited for later, not even when the node has gone meanwhile.
 */
import type { Component } from 'svelte';
import type { ViewName } from '../lib/route.svelte.ts';

type Name = ViewName | 'first-run';

const FETCH: Readonly<Record<Name, () => Promise<{ readonly default: Component }>>> = {
  home: () => import('../views/home.svelte'),
  search: () => import('../views/search.svelte'),
  publish: () => import('../views/publish.svelte'),
  library: () => import('../views/library.svelte'),
  transfers: () => import('../views/transfers.svelte'),
  network: () => import('../views/network.svelte'),
  settings: () => import('../views/settings.svelte'),
  about: () => import('../views/about.svelte'),
  help: () => import('../views/help.svelte'),
  read: () => import('../views/reader.svelte'),
  play: () => import('../views/player.svelte'),
  address: () => import('../views/address.svelte'),
  change: () => import('../views/change.svelte'),
  more: () => import('../views/more.svelte'),
  'first-run': () => import('../views/first-run.svelte'),
};

type Fetched = { readonly state: 'here'; readonly view: Component } | { readonly state: 'failed' };

class Views {
  #fetched = $state.raw<Partial<Record<Name, Fetched>>>({});

  /** Undefined while it comes. */
  get(name: Name): Fetched | undefined {
    return this.#fetched[name];
  }

  /** Fetches it, unless it is here, comes, or could not be had: then the window has to be loaded again. */
  async fetch(name: Name): Promise<void> {
    if (this.#fetched[name] === undefined) await this.#fetch(name, { state: 'failed' });
  }

  /** Fetches all others, one after the other, each when the window is idle, for as long as the node is there. What does not come now is tried when it is shown. */
  async fetchRest(isThere: () => boolean): Promise<void> {
    for (const name of Object.keys(FETCH) as Name[]) {
      await new Promise((resolve) => requestIdleCallback(resolve));
      if (!isThere()) return;
      if (this.#fetched[name] === undefined) await this.#fetch(name, undefined);
    }
  }

  async #fetch(name: Name, otherwise: Fetched | undefined): Promise<void> {
    try {
      const { default: view } = await FETCH[name]();
      this.#fetched = { ...this.#fetched, [name]: { state: 'here', view } };
    } catch {
      if (otherwise !== undefined) this.#fetched = { ...this.#fetched, [name]: otherwise };
    }
  }
}

export const views = new Views();
