/** Search, whole: searches, wishes, the history, users and what is hidden, behind the calls of the contract. */
import type { EventName, EventValue } from '../../../shared/ipc/contract.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { LibraryStore, Random } from '../../core/ports.ts';
import type { Content } from '../../core/search/collector.ts';
import { Rows } from '../addresses/rows.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Settings } from '../settings/settings.ts';
import type { Browse } from './browse.ts';
import { Hiding } from './hiding.ts';
import { History } from './history.ts';
import { featuresOf, Rating, RatingSchema } from './rating.ts';
import type { StoredRating } from './rating.ts';
import { Searches } from './searches.ts';
import type { QueryNetwork } from './search-run.ts';
import { Wishes } from './wishes.ts';

const RATING_KEY = 'all';
/** Contents of a source that is hidden that the rating learns from. Guess. */
const LEARNT_OF_SOURCE = 20;

export interface SearchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly libraryStore: LibraryStore;
  readonly settings: Settings;
  readonly network: QueryNetwork;
  readonly neighbours: () => number;
  /** Looks through what users share. */
  readonly browse: Browse;
  /** Whether a user is linked to this node. */
  readonly isLinked: (publicKey: string) => boolean;
  readonly isHere: (link: string, content: Content) => boolean;
  readonly emit: <N extends EventName>(name: N, value: EventValue<N>) => void;
  readonly onDefect: (thrown: unknown) => void;
}

type SearchHandlers = Pick<
  Handlers,
  Extract<keyof Handlers, `search.${string}` | `wishes.${string}` | `users.${string}` | `hidden.${string}`>
>;

export class Search {
  readonly #searches: Searches;
  readonly #wishes: Wishes;
  readonly #history: History;
  readonly #hiding: Hiding;
  readonly #rating: Rating;
  readonly #ratingRows: Rows<StoredRating>;
  readonly #browse: Browse;
  readonly #stopSettings: () => void;

  static async load(deps: SearchDeps): Promise<Search> {
    return new Search(deps, await deps.libraryStore.list());
  }

  private constructor(deps: SearchDeps, rows: Awaited<ReturnType<LibraryStore['list']>>) {
    const { clock, random, libraryStore, settings, network, neighbours, isLinked, isHere, emit, onDefect } = deps;
    this.#browse = deps.browse;
    this.#ratingRows = new Rows(libraryStore, rows, 'rating', RatingSchema, 1);
    this.#rating = new Rating(this.#ratingRows.get(RATING_KEY));
    this.#history = new History(libraryStore, rows, () => emit('searchHistory', null));
    this.#hiding = new Hiding(
      {
        ...{ clock, libraryStore },
        isOnline: (publicKey) => isLinked(publicKey) || this.#searches.wasSeen(publicKey),
        changed: (what) => emit(what, null),
      },
      rows,
    );
    this.#searches = new Searches({
      ...{ clock, random, network, isHere, hiding: this.#hiding, rating: this.#rating },
      anonymousOnly: () => settings.get('search-anonymously'),
      onNews: (news) => emit('search', news),
      onGone: (search) => emit('searchGone', { search }),
      onDone: ({ query, startedMs, results }) => {
        if (settings.get('search-history')) this.#history.add({ query, atMs: startedMs, results }).catch(onDefect);
      },
    });
    this.#wishes = new Wishes(
      {
        ...{ clock, random, libraryStore, searches: this.#searches, neighbours, onDefect },
        changed: () => emit('wishes', null),
        onFound: (wish) => emit('wish', wish),
      },
      rows,
    );
    // Who turns it off wants no history, not only no more of it.
    this.#stopSettings = settings.onChange((values, changed) => {
      if (changed.includes('search-history') && values['search-history'] === false)
        this.#history.forget().catch(onDefect);
    });
  }

  readonly handlers: SearchHandlers = {
    'search.check': ({ query }) => this.#searches.check(query),
    'search.start': ({ query, wanted, timeoutMs }) => this.#searches.start(query, wanted, timeoutMs),
    'search.stop': ({ search }) => done(this.#searches.stop(search)),
    'search.list': () => this.#searches.list(),
    'search.results': ({ search, order, from, limit }) => this.#searches.results(search, order, from, limit),
    'search.dismiss': ({ search }) => done(this.#searches.dismiss(search)),
    'search.chose': async ({ search, result }) => {
      const { content, query } = this.#searches.found(search, result);
      this.#rating.learn(featuresOf(content, query), 'good');
      return done(await this.#saveRating());
    },
    'search.history': () => this.#history.list(),
    'search.forget': async ({ query }) => done(await this.#history.forget(query)),
    'wishes.add': ({ query, notify }) => this.#wishes.add(query, notify),
    'wishes.list': () => this.#wishes.list(),
    'wishes.change': ({ wish, notify }) => this.#wishes.change(wish, notify),
    'wishes.remove': async ({ wish }) => done(await this.#wishes.remove(wish)),
    'wishes.look': ({ wish }) => this.#wishes.look(wish),
    'wishes.results': ({ wish }) => this.#wishes.results(wish),
    'wishes.seen': async ({ wish }) => done(await this.#wishes.seen(wish)),
    'users.list': () => this.#hiding.users(),
    'users.set': async (change) => {
      const user = await this.#hiding.setUser(change);
      if (change.isBlocked !== undefined) this.#searches.judgeAgain();
      return user;
    },
    'users.browse': (request) => this.#browse.page(request),
    'hidden.list': () => this.#hiding.list(),
    'hidden.add': async ({ kind, value, label }) => {
      const known = this.#hiding.isHidden(kind, value);
      const features = known ? [] : this.#featuresOfHidden(kind, value);
      // What is hidden again was learnt from already, and is kept with that.
      const learnt = kind === 'content' && !known ? features[0] : undefined;
      const hidden = await this.#hiding.add(kind, value, label, learnt);
      for (const each of features) this.#rating.learn(each, 'bad');
      if (features.length > 0) await this.#saveRating();
      this.#searches.judgeAgain();
      return hidden;
    },
    'hidden.remove': async ({ kind, value }) => {
      const features = await this.#hiding.remove(kind, value);
      if (features === undefined) return null;
      this.#rating.unlearn(features);
      return done(await this.#saveRating());
    },
    'hidden.forgetRating': async () => {
      this.#rating.forget();
      await this.#ratingRows.remove(RATING_KEY);
      return done(this.#searches.judgeAgain());
    },
  };

  /** `publicKey`: hexadecimal. Nothing of this node is for a user that is blocked. */
  isBlocked(publicKey: string): boolean {
    return this.#hiding.isHidden('source', publicKey);
  }

  async close(): Promise<void> {
    this.#stopSettings();
    this.#searches.close();
    await this.#wishes.close();
    await Promise.all([this.#history.close(), this.#hiding.close(), this.#ratingRows.close()]);
  }

  /** What there is to learn from: a content that some search found, or what a source alone has. A word says all by itself. */
  #featuresOfHidden(kind: 'source' | 'content' | 'word', value: string): string[][] {
    if (kind === 'word') return [];
    if (kind === 'content') {
      const known = this.#searches.known(value);
      return known === undefined ? [] : [featuresOf(known.content, known.query)];
    }
    return this.#searches.onlyOf(value, LEARNT_OF_SOURCE).map(({ content, query }) => featuresOf(content, query));
  }

  #saveRating(): Promise<void> {
    return this.#ratingRows.put(RATING_KEY, this.#rating.stored());
  }
}

/** The contract's answer of calls that have none. */
const done = (_outcome: void): null => null;
