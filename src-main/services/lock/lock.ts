/**
 * What is in memory of the person, and what is not: opens all services that know of it when the passphrase was given, and closes them
 * when it is locked. The node below goes on in either case: it stores and passes on for others. Whoever speaks to the services
 * speaks to this, and keeps its listeners while they come and go.
 *
 * One change after the other; what is asked for in between fails with `locked` or `busy`.
 */
import { BroadsideError, toBroadsideError } from '../../../shared/base/errors.ts';
import { CALLS } from '../../../shared/ipc/contract.ts';
import type { CallName, EventName, EventValue } from '../../../shared/ipc/contract.ts';
import type { Lock as LockView } from '../../../shared/ipc/lock-calls.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { App } from '../app.ts';
import type { Clock } from '../jobs/clock.ts';
import { generatePassphrase, requireStrongPassword } from '../publish/password.ts';
import { IdleWatch } from './idle.ts';
import { openKey, PERSONAL_KEY_BYTES, sealKey } from './personal-head.ts';
import type { LockDeps } from './personal-head.ts';
import type { KeyStore, PersonalDisk, PersonalStores } from './ports.ts';
import { RememberedKey } from './remembered.ts';

/**
 * What a passphrase must withstand, as bits of guesses: whoever has the disk can try without limit. 2^50 tries at 100,000 a second (some
 * thousand graphics cards, guess) take 350 years. Less than for publications, whose tries need no disk: it is typed every day.
 */
const LEAST_BITS = 50;

type LockHandlers = Pick<Handlers, Extract<CallName, `lock.${string}`>>;

export interface PersonalLockDeps extends LockDeps {
  readonly disk: PersonalDisk;
  readonly createApp: (stores: PersonalStores) => Promise<App>;
  /** What is answered while it is locked. */
  readonly always: Pick<Handlers, 'status.get' | 'config.get'>;
  /** Nothing of the person is to stay in the node: open publications, the list of what is shared. */
  readonly forget: () => void;
  /** Removes what is kept of opened publications. */
  readonly wipe: () => Promise<void>;
  /** Whether the person chose that locking wipes. */
  readonly wipesByChoice: () => boolean;
  readonly clock: Clock;
  /** After how long without an action of a person it locks; undefined: never. */
  readonly idleAfterMs: () => number | undefined;
  /** Of the system; absent where this host has none. */
  readonly keyStore?: KeyStore | undefined;
  readonly onDefect: (thrown: unknown) => void;
}

export class PersonalLock {
  readonly handlers: Handlers;
  /** Counts only while there is something to lock. */
  readonly idle: IdleWatch;
  readonly #deps: PersonalLockDeps;
  readonly #listeners = new Map<EventName, Map<(value: never) => void, (() => void) | undefined>>();
  #state: LockView['state'] = 'locked';
  #problem: LockView['problem'];
  #app: App | undefined;
  #stores: PersonalStores | undefined;
  #key: Uint8Array | undefined;
  readonly #remembered: RememberedKey;
  #turn: Promise<unknown> = Promise.resolve();
  /** The node runs: what waits for it goes on as soon as it is unlocked. */
  #begun = false;
  #closing: Promise<void> | undefined;

  constructor(deps: PersonalLockDeps) {
    this.#deps = deps;
    const { clock, idleAfterMs: afterMs, onDefect } = deps;
    this.#remembered = new RememberedKey(deps.disk, deps.keyStore, onDefect);
    this.idle = new IdleWatch({ clock, afterMs, onIdle: () => void this.lock().catch(onDefect) });
    const own = this.#handlers();
    const handlers: Record<string, (params: never) => unknown> = {};
    for (const name of Object.keys(CALLS) as CallName[]) {
      handlers[name] = Object.hasOwn(own, name)
        ? (own as never)[name]
        : (params: never) => (this.#answering(name)[name] as (params: never) => unknown)(params);
    }
    this.handlers = handlers as unknown as Handlers;
  }

  /**
   * Opens what needs no passphrase, or what `passphrase` or the system's key store opens; stays locked without them. Throws `refused` for a
   * wrong passphrase.
   */
  async load(passphrase: string | undefined): Promise<void> {
    const { disk } = this.#deps;
    if (disk.head?.key === undefined) await this.#open(await disk.plainKey());
    else if (passphrase !== undefined) await this.#open(await openKey(this.#deps, disk.head, passphrase));
    else await this.#openRemembered(disk.head.folder);
    await this.#remembered.look();
  }

  get state(): LockView['state'] {
    return this.#state;
  }

  /** Throws `locked`. */
  get app(): App {
    if (this.#app === undefined) throw this.#refusal();
    return this.#app;
  }

  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Map();
    this.#listeners.set(name, listeners);
    listeners.set(listener, this.#app?.on(name, listener));
    return () => {
      listeners.get(listener)?.();
      listeners.delete(listener);
    };
  }

  /** Tells of a frame, in which a person followed a link; nobody where it is locked. */
  tell<N extends 'page' | 'away'>(name: N, value: EventValue<N>): void {
    this.idle.acted();
    this.#app?.tell(name, value);
  }

  begin(): void {
    this.#begun = true;
    this.#app?.begin();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#inTurn(() => this.#shut()));
  }

  async lock(wipe = this.#deps.wipesByChoice()): Promise<LockView> {
    if (this.#state === 'none' && !wipe) {
      throw new BroadsideError(
        'usage',
        'There is no passphrase, so nothing can be locked. Set one in the settings, or with: broadside passphrase set.',
      );
    }
    const locks = this.#state === 'open';
    // From here on nothing is answered, however long it takes to stop what runs.
    if (locks) this.#tell('locked');
    await this.#inTurn(async () => {
      if (this.#deps.disk.head?.key !== undefined) {
        try {
          // First, for it is quick, and who locks in a hurry may pull the plug next.
          await this.#remembered.forget();
        } finally {
          await this.#shut();
          if (this.#state !== 'locked') this.#tell('locked');
        }
      }
      if (wipe) await this.#deps.wipe();
    });
    return this.#view();
  }

  /** Throws `refused` for a wrong passphrase and where no key store protects. */
  async remember(passphrase: string): Promise<LockView> {
    await this.#inTurn(async () => {
      const key = await this.#check(passphrase);
      try {
        await this.#remembered.keep(this.#deps.disk.head!.folder, key);
      } finally {
        key.fill(0);
      }
    });
    this.#tell(this.#state);
    return this.#view();
  }

  /** The library asks for its passphrase again from the next start on. */
  async forget(): Promise<LockView> {
    await this.#inTurn(() => this.#remembered.forget());
    this.#tell(this.#state);
    return this.#view();
  }

  async unlock(passphrase: string): Promise<LockView> {
    await this.#inTurn(async () => {
      const { disk } = this.#deps;
      if (this.#state !== 'locked' || disk.head === undefined) {
        // Whoever gives a command gives it the passphrase each time.
        this.idle.acted();
        return;
      }
      await this.#open(await openKey(this.#deps, disk.head, passphrase));
      this.#tell(this.#state);
    });
    return this.#view();
  }

  /** Answers when it has begun. */
  async change(passphrase: string | undefined, next: string | undefined): Promise<LockView> {
    if (next === undefined && passphrase === undefined)
      throw new BroadsideError('usage', 'Give a new passphrase, or the one that is to be removed.');
    if (next !== undefined) {
      const because = 'because whoever has the disk can try without limit';
      await requireStrongPassword(next, [], { leastBits: LEAST_BITS, because });
    }
    const begun = Promise.withResolvers<void>();
    void this.#inTurn(async () => {
      let key: Uint8Array;
      try {
        key = await this.#check(passphrase);
      } catch (thrown) {
        begun.reject(thrown);
        return;
      }
      this.#tell('changing');
      begun.resolve();
      await this.#rewrite(key, next);
    }).catch(this.#deps.onDefect);
    await begun.promise;
    return { state: this.#state };
  }

  /** The key that is now, if the passphrase that was given is the one that is now, or there is none and none was given. */
  async #check(passphrase: string | undefined): Promise<Uint8Array> {
    const { disk } = this.#deps;
    if (this.#closing !== undefined || this.#state === 'locked') throw this.#refusal();
    if (disk.head?.key !== undefined) {
      if (passphrase === undefined)
        throw new BroadsideError('usage', 'There is a passphrase already. Give it, to change or remove it.');
      return openKey(this.#deps, disk.head, passphrase);
    }
    if (passphrase !== undefined) throw new BroadsideError('usage', 'There is no passphrase that could be changed.');
    return Uint8Array.from(this.#key!);
  }

  /** Everything is closed, written anew and opened again; whatever fails, what counts on the disk is opened. */
  async #rewrite(key: Uint8Array, next: string | undefined): Promise<void> {
    const { disk, random } = this.#deps;
    let problem: LockView['problem'];
    await this.#shut();
    const newKey = random.bytes(PERSONAL_KEY_BYTES);
    try {
      const folder = disk.newFolder();
      const sealed = next === undefined ? undefined : await sealKey(this.#deps, folder, newKey, next);
      await disk.replace(key, { folder, key: newKey, sealed });
      key.set(newKey);
      await this.#remembered.changed(sealed === undefined ? undefined : folder, newKey);
    } catch (thrown) {
      const { code, message, cause } = toBroadsideError(thrown);
      if (code === 'unexpected') this.#deps.onDefect(cause ?? thrown);
      problem = { code, message: `${message} The passphrase is as it was.`.slice(0, 4096) };
    }
    newKey.fill(0);
    await this.#open(key);
    await this.#remembered.look();
    this.#tell(this.#state, problem);
  }

  /** By what the key store of the system opens: another key than the library's leaves it locked, and its passphrase opens it. */
  async #openRemembered(folder: string): Promise<void> {
    const key = await this.#remembered.open(folder);
    if (key === undefined) return;
    try {
      await this.#open(key);
    } catch (thrown) {
      key.fill(0);
      if (toBroadsideError(thrown).code !== 'refused') throw thrown;
    }
  }

  /** The key belongs to this from then on. */
  async #open(key: Uint8Array): Promise<void> {
    const stores = await this.#deps.disk.open(key);
    try {
      this.#app = await this.#deps.createApp(stores);
    } catch (thrown) {
      await stores.close();
      throw thrown;
    }
    this.#stores = stores;
    this.#key = key;
    this.#state = this.#deps.disk.head?.key === undefined ? 'none' : 'open';
    for (const [name, listeners] of this.#listeners) {
      for (const listener of listeners.keys()) listeners.set(listener, this.#app.on(name, listener as never));
    }
    if (this.#begun) this.#app.begin();
    if (this.#state === 'open') this.idle.begin();
  }

  async #shut(): Promise<void> {
    this.idle.end();
    const [app, stores] = [this.#app, this.#stores];
    this.#app = undefined;
    this.#stores = undefined;
    for (const listeners of this.#listeners.values()) {
      for (const [listener, stop] of listeners) {
        stop?.();
        listeners.set(listener, undefined);
      }
    }
    try {
      await app?.close();
    } finally {
      await stores?.close();
      this.#key?.fill(0);
      this.#key = undefined;
      if (this.#closing === undefined) this.#deps.forget();
    }
  }

  #answering(name: CallName): Pick<Handlers, CallName> {
    if (this.#app !== undefined && this.#state !== 'locked' && this.#state !== 'changing')
      return this.#app.handlers as Handlers;
    if (Object.hasOwn(this.#deps.always, name)) return this.#deps.always as Handlers;
    throw this.#refusal();
  }

  #refusal(): BroadsideError {
    if (this.#closing !== undefined)
      return new BroadsideError('busy', 'The node is stopping. Start it again, then try again.');
    return this.#state === 'changing'
      ? new BroadsideError('busy', 'The library is being written anew under another passphrase. Try again in a moment.')
      : lockedError();
  }

  #tell(state: LockView['state'], problem?: LockView['problem']): void {
    this.#state = state;
    this.#problem = problem;
    for (const listener of this.#listeners.get('lock')?.keys() ?? []) {
      try {
        (listener as (value: LockView) => void)(this.#view());
      } catch (thrown) {
        this.#deps.onDefect(thrown);
      }
    }
  }

  #view(): LockView {
    return {
      state: this.#state,
      ...(this.#remembered.view && { keyStore: this.#remembered.view }),
      ...(this.#problem && { problem: this.#problem }),
    };
  }

  #inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  #handlers(): LockHandlers {
    return {
      'lock.get': () => this.#view(),
      'lock.lock': ({ wipe }) => this.lock(wipe),
      'lock.unlock': ({ passphrase }) => this.unlock(passphrase),
      'lock.change': ({ passphrase, next }) => this.change(passphrase, next),
      'lock.remember': ({ passphrase }) => this.remember(passphrase),
      'lock.forget': () => this.forget(),
      'lock.active': () => {
        this.idle.acted();
        return null;
      },
      'lock.suggest': () => ({ passphrase: generatePassphrase(this.#deps.random) }),
    };
  }
}

export function lockedError(): BroadsideError {
  return new BroadsideError(
    'locked',
    'The library is locked. Unlock it in the interface, with: broadside unlock --passphrase-file F, or give --passphrase-file.',
  );
}
