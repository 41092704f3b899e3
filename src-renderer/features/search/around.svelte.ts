/** What stands around searches: wishes, the hot list, what is hidden, what was searched for; as the node last said. */
import type { Params, Reply } from '../../../shared/ipc/contract.ts';
import type { Hidden, PastSearch, Result, User, Wish } from '../../../shared/ipc/search-model.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { t } from '../../lib/messages/translate.ts';
import { notices } from '../../lib/notices.svelte.ts';

class Around {
  wishes = $state.raw<readonly Wish[]>();
  users = $state.raw<readonly User[]>();
  hidden = $state.raw<readonly Hidden[]>();
  history = $state.raw<readonly PastSearch[]>();
  readonly hot = $derived((this.users ?? []).filter(({ isHot }) => isHot));

  /** Keeps it up to date; the function returned ends that. */
  watch(): () => void {
    const stops = [
      node.on('wishes', () => void this.#ask('wishes.list', (wishes) => (this.wishes = wishes))),
      node.on('wish', ({ query, fresh, notify }) => {
        if (notify) notices.say(t('wishes.told', { query, count: fresh }));
      }),
      node.on('users', () => void this.#ask('users.list', (users) => (this.users = users))),
      node.on('hidden', () => void this.#ask('hidden.list', (hidden) => (this.hidden = hidden))),
      node.on('searchHistory', () => void this.#ask('search.history', (history) => (this.history = history))),
    ];
    void this.#ask('wishes.list', (wishes) => (this.wishes = wishes));
    void this.#ask('users.list', (users) => (this.users = users));
    void this.#ask('hidden.list', (hidden) => (this.hidden = hidden));
    void this.#ask('search.history', (history) => (this.history = history));
    return () => {
      for (const stop of stops) stop();
    };
  }

  isWished(query: string): boolean {
    return this.wishes?.some((wish) => wish.query === query) ?? false;
  }

  user(publicKey: string): User | undefined {
    return this.users?.find((user) => user.publicKey === publicKey);
  }

  /** Resolves to whether it was made; what failed is said. */
  async wish(query: string): Promise<boolean> {
    const wish = await notices.attempt(() => node.call('wishes.add', { query, notify: true }));
    if (wish !== undefined) notices.say(t('wishes.made'));
    return wish !== undefined;
  }

  async setUser(change: { publicKey: string; label?: string; isHot?: boolean; isBlocked?: boolean }): Promise<void> {
    await notices.attempt(() => node.call('users.set', change));
  }

  /** It may come again. */
  async show(hidden: Pick<Hidden, 'kind' | 'value'>): Promise<void> {
    await notices.attempt(() => node.call('hidden.remove', { kind: hidden.kind, value: hidden.value }));
  }

  async #ask<Name extends 'wishes.list' | 'users.list' | 'hidden.list' | 'search.history'>(
    name: Name,
    take: (value: Reply<Name>) => void,
  ): Promise<void> {
    const value = await node.call<Name>(name, null as Params<Name>).catch(() => undefined);
    // Undefined where the connection broke: it is asked again with the next one.
    if (value !== undefined) take(value as Reply<Name>);
  }
}

export const around = new Around();

/** The newest of what a wish found are those that are new since somebody looked. */
export async function wishResults(wish: Wish): Promise<{ results: Result[]; fresh: ReadonlySet<string> }> {
  const results = await node.call('wishes.results', { wish: wish.id });
  return { results, fresh: new Set(results.slice(0, wish.fresh).map(({ id }) => id)) };
}
