/** The part of demo-contract.ts that answers for search, wishes, users and what is hidden: from what a story tells. */
import { BroadsideError } from '../../shared/base/errors.ts';
import type { EventName, EventValue } from '../../shared/ipc/contract.ts';
import type { Hidden, PastSearch, Result, SearchState, User, Wish } from '../../shared/ipc/search-model.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';
import { explainQueryProblem, formatQuery, parseQuery } from '../../src-main/core/search/query-text.ts';

export interface SearchStory {
  /** What a search finds; each search the same. The story may tell it piece by piece instead: `onSearch`. */
  readonly results?: readonly Result[];
  /** Searches that there are when the window opens. */
  readonly searches?: readonly SearchState[];
  readonly wishes?: readonly Wish[];
  readonly wishResults?: readonly Result[];
  readonly users?: readonly User[];
  readonly hidden?: readonly Hidden[];
  readonly history?: readonly PastSearch[];
  /** Told when a search starts; it may tell news by `demo.tell`. Absent: all results come at once and the search is done. */
  readonly onSearch?: (state: SearchState, demo: DemoSearch) => void;
}

/** A search as it begins. */
export function demoSearchState(query: string, more: Partial<SearchState> = {}): SearchState {
  return {
    id: 'search',
    query,
    state: 'searching',
    startedMs: Date.now(),
    timeoutMs: 30_000,
    wanted: 250,
    hubsAsked: 0,
    hubsKnown: 3,
    messages: 0,
    results: 0,
    hits: 0,
    hidden: 0,
    anonymousOnly: false,
    ...more,
  };
}

/** Names of calls of search. */
type SearchCall = Exclude<
  Extract<keyof Handlers, `search.${string}` | `wishes.${string}` | `users.${string}` | `hidden.${string}`>,
  'users.browse'
>;

export class DemoSearch {
  wishes: Wish[];
  users: User[];
  hidden: Hidden[];
  history: PastSearch[];
  readonly searches = new Map<string, SearchState>();
  readonly results = new Map<string, Result[]>();
  readonly #story: SearchStory;
  readonly #emit: <N extends EventName>(name: N, value: EventValue<N>) => void;
  readonly #called: (name: string) => void;
  #count = 0;

  constructor(
    story: SearchStory,
    emit: <N extends EventName>(name: N, value: EventValue<N>) => void,
    called: (name: string) => void,
  ) {
    this.#story = story;
    this.#emit = emit;
    this.#called = called;
    this.wishes = [...(story.wishes ?? [])];
    this.users = [...(story.users ?? [])];
    this.hidden = [...(story.hidden ?? [])];
    this.history = [...(story.history ?? [])];
    for (const state of story.searches ?? []) {
      this.searches.set(state.id, state);
      this.results.set(state.id, [...(story.results ?? [])]);
    }
  }

  /** News of a search: its state, and results that are new or changed. */
  tell(state: SearchState, results: readonly Result[] = [], gone: readonly string[] = []): void {
    const known = (this.results.get(state.id) ?? []).filter((result) => !gone.includes(result.id));
    for (const result of results) {
      const row = known.findIndex((other) => other.id === result.id);
      if (row < 0) known.push(result);
      else known[row] = result;
    }
    this.results.set(state.id, known);
    this.searches.set(state.id, { ...state, results: known.length });
    this.#emit('search', { state: { ...state, results: known.length }, results: [...results], gone: [...gone] });
  }

  handlers(): Pick<Handlers, SearchCall> {
    const said = <Value>(
      name: SearchCall,
      value: Value,
      event?: 'wishes' | 'users' | 'hidden' | 'searchHistory',
    ): Value => {
      this.#called(name);
      if (event !== undefined) this.#emit(event, null);
      return value;
    };
    const known = (id: string): SearchState => {
      const state = this.searches.get(id);
      if (state === undefined) throw new BroadsideError('not-found', 'This search is no longer kept.');
      return state;
    };
    const wishOf = (id: string): Wish => {
      const wish = this.wishes.find((other) => other.id === id);
      if (wish === undefined) throw new BroadsideError('not-found', 'There is no such wish.');
      return wish;
    };
    const amend = (id: string, change: Partial<Wish>): Wish => {
      const wish = { ...wishOf(id), ...change };
      this.wishes = this.wishes.map((other) => (other.id === id ? wish : other));
      return wish;
    };
    return {
      'search.check': ({ query }) => {
        const parsed = parseQuery(query);
        if (parsed.ok) return { ok: true as const, query: formatQuery(parsed.query) };
        const { from, to } = parsed.problem;
        return { ok: false as const, message: explainQueryProblem(parsed.problem, query), from, to };
      },
      'search.start': ({ query, wanted, timeoutMs }) => {
        const parsed = parseQuery(query);
        if (!parsed.ok) throw new BroadsideError('usage', explainQueryProblem(parsed.problem, query));
        return said(
          'search.start',
          this.#begin(demoSearchState(query, { wanted: wanted ?? 250, timeoutMs: timeoutMs ?? 30_000 })),
        );
      },
      'search.stop': ({ search }) => {
        this.tell({ ...known(search), state: 'stopped', end: 'stopped', endedMs: Date.now() });
        return said('search.stop', null);
      },
      'search.list': () => [...this.searches.values()].reverse(),
      'search.results': ({ search, from = 0, limit = 1_000 }) => ({
        state: known(search),
        results: (this.results.get(search) ?? []).slice(from, from + limit),
      }),
      'search.dismiss': ({ search }) => {
        this.searches.delete(search);
        this.#emit('searchGone', { search });
        return said('search.dismiss', null);
      },
      'search.chose': () => said('search.chose', null),
      'search.history': () => this.history,
      'search.forget': ({ query }) => {
        this.history = query === undefined ? [] : this.history.filter((past) => past.query !== query);
        return said('search.forget', null, 'searchHistory');
      },
      'wishes.add': ({ query, notify = true }) => {
        const wish: Wish = { id: `wish ${query}`, query, createdMs: Date.now(), fresh: 0, found: 0, notify };
        this.wishes = [wish, ...this.wishes.filter((other) => other.id !== wish.id)];
        return said('wishes.add', wish, 'wishes');
      },
      'wishes.list': () => this.wishes,
      'wishes.change': ({ wish, notify }) => said('wishes.change', amend(wish, { notify }), 'wishes'),
      'wishes.remove': ({ wish }) => {
        this.wishes = this.wishes.filter((other) => other.id !== wish);
        return said('wishes.remove', null, 'wishes');
      },
      'wishes.look': ({ wish }) => said('wishes.look', this.#begin(demoSearchState(wishOf(wish).query, { wish }))),
      'wishes.results': () => [...(this.#story.wishResults ?? [])],
      'wishes.seen': ({ wish }) => {
        amend(wish, { fresh: 0 });
        return said('wishes.seen', null, 'wishes');
      },
      'users.list': () => this.users,
      'users.set': ({ publicKey, label, isHot, isBlocked }) => {
        const before = this.users.find((user) => user.publicKey === publicKey);
        const user: User = {
          ...{ publicKey, name: publicKey.slice(0, 8), isHot: false, isBlocked: false, online: false },
          ...before,
          ...(label !== undefined && { label }),
          ...(isHot !== undefined && { isHot }),
          ...(isBlocked !== undefined && { isBlocked }),
        };
        this.users = [user, ...this.users.filter((other) => other.publicKey !== publicKey)];
        return said('users.set', user, 'users');
      },
      'hidden.list': () => this.hidden,
      'hidden.add': ({ kind, value, label }) => {
        const hidden: Hidden = { kind, value, label: label ?? value, atMs: Date.now() };
        this.hidden = [hidden, ...this.hidden.filter((other) => other.kind !== kind || other.value !== value)];
        for (const state of this.searches.values()) {
          const gone = (this.results.get(state.id) ?? []).filter((result) => isHidden(result, hidden));
          if (gone.length > 0)
            this.tell(
              { ...state, hidden: state.hidden + gone.length },
              [],
              gone.map((result) => result.id),
            );
        }
        return said('hidden.add', hidden, 'hidden');
      },
      'hidden.remove': ({ kind, value }) => {
        this.hidden = this.hidden.filter((other) => other.kind !== kind || other.value !== value);
        return said('hidden.remove', null, 'hidden');
      },
      'hidden.forgetRating': () => said('hidden.forgetRating', null),
    };
  }

  #begin(state: SearchState): SearchState {
    this.#count += 1;
    const begun = { ...state, id: `${state.id} ${this.#count}` };
    this.searches.set(begun.id, begun);
    if (this.#story.onSearch !== undefined) this.#story.onSearch(begun, this);
    else {
      const results = this.#story.results ?? [];
      const end = results.length < begun.wanted ? ('exhausted' as const) : ('enough' as const);
      const figures = { hubsAsked: 3, messages: 3, hits: results.length, endedMs: Date.now() };
      queueMicrotask(() => this.tell({ ...begun, ...figures, state: 'done', end }, results));
    }
    return begun;
  }
}

function isHidden(result: Result, { kind, value }: Hidden): boolean {
  if (kind === 'content') return result.id === value;
  if (kind === 'source') return result.sourceNames?.some((source) => source.publicKey === value) ?? false;
  return result.name.toLowerCase().includes(value.toLowerCase());
}
