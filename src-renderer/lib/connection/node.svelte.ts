/** The node as this window knows it: kept up to date by its events, reconnected when the connection breaks. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { CallName, EventName, EventValue, Params, Reply } from '../../../shared/ipc/contract.ts';
import type { Lock } from '../../../shared/ipc/lock-calls.ts';
import type { Move } from '../../../shared/ipc/move-calls.ts';
import type { Job, LibraryEntry, Status } from '../../../shared/ipc/model.ts';
import { connectContract } from '../../../shared/ipc/rpc.ts';
import type { ContractClient } from '../../../shared/ipc/rpc.ts';
import type { SettingName, SettingValue } from '../../../shared/ipc/settings.ts';
import { isMoving } from '../data-move.ts';
import { openPort, openSocket, TokenRefused } from './pipes.ts';
import type { OpenPipe } from './pipes.ts';
import { forgetToken, takeToken } from './token.ts';

export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly retryAtMs: number }
  | { readonly kind: 'no-token' }
  | { readonly kind: 'refused' };

/** Waits between attempts, doubling; a local node is back in seconds. Guesses. */
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/** Events that are handed on to whoever listens; the others are kept here. */
const HANDED_ON = [
  'search',
  'wish',
  'wishes',
  'users',
  'hidden',
  'searchHistory',
  'shares',
  'bookmarks',
  'practice',
  'playing',
] as const satisfies readonly EventName[];
type HandedOn = (typeof HANDED_ON)[number];

type Settings = Readonly<Record<string, SettingValue>>;

class NodeMirror {
  connection = $state.raw<Connection>({ kind: 'connecting' });
  status = $state.raw<Status>();
  /** Newest first. Undefined until the node has said. */
  jobs = $state.raw<readonly Job[]>();
  library = $state.raw<readonly LibraryEntry[]>();
  settings = $state.raw<Settings>();
  /** Of the library; undefined until the node has said. */
  lock = $state.raw<Lock>();
  /** Of the data directory; undefined until the node has said. */
  move = $state.raw<Move>();
  readonly #pages = new Set<(page: EventValue<'page'>) => void>();
  readonly #aways = new Set<(away: EventValue<'away'>) => void>();
  readonly #addresses = new Set<() => void>();
  readonly #editions = new Set<(following: EventValue<'edition'>) => void>();
  readonly #listeners = new Map<HandedOn, Set<(value: never) => void>>();
  #client: ContractClient | undefined;
  /** Until the first attempt to connect has ended: what is asked for meanwhile, as by somebody who types at once, waits for it. */
  #first: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
  /** Told when there is a connection. */
  readonly #waiting = new Set<() => void>();
  #wake: (() => void) | undefined;
  #attempts = 0;
  #lostSinceMs: number | undefined;

  /** Keeps a connection for as long as the page lives. */
  async run(): Promise<void> {
    window.addEventListener('online', () => this.retryNow());
    window.addEventListener('hashchange', () => {
      if (location.hash.startsWith('#token=')) this.retryNow();
    });
    for (;;) {
      try {
        const open = await this.#open();
        if (open !== undefined) {
          await this.#serve(open);
          this.#lostSinceMs = Date.now();
        }
      } catch (thrown) {
        if (thrown instanceof TokenRefused) {
          forgetToken();
          this.connection = { kind: 'refused' };
        }
      }
      await this.#pause();
    }
  }

  get isOpen(): boolean {
    return this.#client !== undefined;
  }

  /** Resolves when there is a connection. Rejects by the signal. */
  opened(signal: AbortSignal): Promise<void> {
    if (this.isOpen) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(resolve);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.#waiting.add(resolve);
    });
  }

  retryNow(): void {
    this.#attempts = 0;
    this.#wake?.();
  }

  /** Rejects with BroadsideError; 'offline' while there is no connection. */
  async call<Name extends CallName>(name: Name, params: Params<Name>): Promise<Reply<Name>> {
    if (this.#client === undefined) await this.#first?.promise;
    if (this.#client === undefined) throw new BroadsideError('offline', 'The node does not answer. Start it again.');
    return await this.#client.call(name, params);
  }

  job(id: string): Job | undefined {
    return this.jobs?.find((job) => job.id === id);
  }

  async set(name: SettingName, value: SettingValue): Promise<void> {
    const reply = await this.call('config.set', { name, value });
    this.settings = { ...this.settings, [name]: reply.value };
  }

  async #open(): Promise<OpenPipe | undefined> {
    if (window.broadside?.port === true) return await openPort();
    const token = takeToken();
    if (token === undefined) {
      if (this.connection.kind !== 'refused') this.connection = { kind: 'no-token' };
      return undefined;
    }
    if (this.connection.kind === 'no-token' || this.connection.kind === 'refused')
      this.connection = { kind: 'connecting' };
    return await openSocket(token);
  }

  /** Calls `listener` when a frame went to another page of what is open; the function returned ends that. */
  onPage(listener: (page: EventValue<'page'>) => void): () => void {
    this.#pages.add(listener);
    return () => this.#pages.delete(listener);
  }

  /** Calls `listener` when a link in content was followed that leads away; the function returned ends that. */
  onAway(listener: (away: EventValue<'away'>) => void): () => void {
    this.#aways.add(listener);
    return () => this.#aways.delete(listener);
  }

  /** Calls `listener` when own claims, pen names or what is followed changed; the function returned ends that. */
  onAddresses(listener: () => void): () => void {
    this.#addresses.add(listener);
    return () => this.#addresses.delete(listener);
  }

  /** Calls `listener` when something that is followed has a new edition; the function returned ends that. */
  onEdition(listener: (following: EventValue<'edition'>) => void): () => void {
    this.#editions.add(listener);
    return () => this.#editions.delete(listener);
  }

  /** Calls `listener` with each such event, of this connection and of those after it; the function returned ends that. */
  on<Name extends HandedOn>(name: Name, listener: (value: EventValue<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener as (value: never) => void);
    return () => listeners.delete(listener as (value: never) => void);
  }

  async #serve(open: OpenPipe): Promise<void> {
    const client = connectContract(open.pipe);
    client.on('job', (job) => this.#put(job));
    client.on('jobGone', ({ job }) => (this.jobs = this.jobs?.filter((known) => known.id !== job)));
    client.on('status', (status) => (this.status = status));
    client.on('library', () => void this.#refreshLibrary(client));
    client.on('page', (page) => {
      for (const listener of this.#pages) listener(page);
    });
    client.on('away', (away) => {
      for (const listener of this.#aways) listener(away);
    });
    client.on('addresses', () => {
      for (const listener of this.#addresses) listener();
    });
    client.on('edition', (following) => {
      for (const listener of this.#editions) listener(following);
    });
    for (const name of HANDED_ON) {
      client.on(name, (value) => {
        for (const listener of this.#listeners.get(name) ?? []) listener(value as never);
      });
    }
    client.on('settings', (settings) => (this.settings = settings));
    client.on('lock', (lock) => this.#follow(lock));
    client.on('move', (move) => (this.move = move));
    try {
      const [move, known] = await Promise.race([
        Promise.all([client.call('move.get', null), client.call('config.get', null)]),
        open.closed.then(() => Promise.reject(new Error('closed'))),
      ]);
      this.move = move;
      if (isMoving(move)) {
        // Nothing else is answered.
        this.settings = known;
        this.#opened(client);
        await open.closed;
        return;
      }
      const lock = await Promise.race([
        client.call('lock.get', null),
        open.closed.then(() => Promise.reject(new Error('closed'))),
      ]);
      this.lock = lock;
      if (isShut(lock)) {
        this.settings = known;
        this.#opened(client);
        await open.closed;
        return;
      }
      const [status, jobs, library, settings] = await Promise.race([
        Promise.all([
          client.call('status.get', null),
          client.call('jobs.list', null),
          client.call('library.list', null),
          client.call('config.get', null),
        ]),
        open.closed.then(() => Promise.reject(new Error('closed'))),
      ]);
      this.status = status;
      this.jobs = jobs.toSorted(newestFirst);
      this.library = library;
      this.settings = settings;
      this.#opened(client);
      await open.closed;
    } finally {
      this.#client = undefined;
      client.close();
      open.close();
    }
  }

  #opened(client: ContractClient): void {
    this.#client = client;
    this.#endFirst();
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    this.#attempts = 0;
    this.#lostSinceMs = undefined;
    this.connection = { kind: 'open' };
  }

  /** What this window has of the library goes with its page, as soon as it is locked; unlocked, another begins. */
  #follow(lock: Lock): void {
    const before = this.lock;
    this.lock = lock;
    if (isShut(lock) === isShut(before)) return;
    if (isShut(lock)) history.replaceState(null, '', `${location.pathname}${location.search}#/home`);
    location.reload();
  }

  #endFirst(): void {
    this.#first?.resolve();
    this.#first = undefined;
  }

  async #pause(): Promise<void> {
    this.#endFirst();
    const { kind } = this.connection;
    const stuck = kind === 'no-token' || kind === 'refused';
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts);
    this.#attempts += 1;
    if (!stuck) {
      const now = Date.now();
      this.connection = { kind: 'lost', sinceMs: this.#lostSinceMs ?? now, retryAtMs: now + waitMs };
      this.#lostSinceMs ??= now;
    }
    await new Promise<void>((resolve) => {
      const timer = stuck ? undefined : setTimeout(resolve, waitMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  async #refreshLibrary(client: ContractClient): Promise<void> {
    try {
      this.library = await client.call('library.list', null);
    } catch {
      // The connection broke; the next one asks anew.
    }
  }

  #put(job: Job): void {
    const others = (this.jobs ?? []).filter((known) => known.id !== job.id);
    this.jobs = [...others, job].toSorted(newestFirst);
  }
}

function isShut(lock: Lock | undefined): boolean {
  return lock?.state === 'locked' || lock?.state === 'changing';
}

function newestFirst(a: Job, b: Job): number {
  return b.startedMs - a.startedMs || (a.id < b.id ? 1 : -1);
}

export const node = new NodeMirror();
