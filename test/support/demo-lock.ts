/** The lock of the demo: a passphrase that is set, locked, unlocked and removed, with nothing behind it. */
import { BroadsideError } from '../../shared/base/errors.ts';
import type { Lock } from '../../shared/ipc/lock-calls.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

type LockHandlers = Pick<Handlers, Extract<keyof Handlers, `lock.${string}`>>;

export class DemoLock {
  #passphrase: string | undefined;
  #isLocked = false;
  #keyStore: Lock['keyStore'];
  readonly #tell: (lock: Lock) => void;

  /** `keyStore`: that of the desktop app, with a passphrase. */
  constructor(tell: (lock: Lock) => void, keyStore?: Lock['keyStore']) {
    this.#tell = tell;
    this.#keyStore = keyStore;
    if (keyStore !== undefined) this.#passphrase = 'harbour tide';
  }

  get view(): Lock {
    const state = this.#passphrase === undefined ? 'none' : this.#isLocked ? 'locked' : 'open';
    return { state, ...(this.#keyStore !== undefined && { keyStore: this.#keyStore }) };
  }

  get handlers(): LockHandlers {
    const told = (): Lock => {
      this.#tell(this.view);
      return this.view;
    };
    const check = (passphrase: string | undefined): void => {
      if (passphrase !== this.#passphrase)
        throw new BroadsideError('refused', 'The passphrase is wrong. Nothing was changed: try it again.');
    };
    return {
      'lock.get': () => this.view,
      'lock.lock': () => {
        this.#isLocked = this.#passphrase !== undefined;
        return told();
      },
      'lock.unlock': ({ passphrase }) => {
        check(passphrase);
        this.#isLocked = false;
        return told();
      },
      'lock.change': ({ passphrase, next }) => {
        check(passphrase);
        this.#passphrase = next;
        this.#tell({ state: 'changing' });
        queueMicrotask(told);
        return { state: 'changing' };
      },
      'lock.remember': ({ passphrase }) => {
        check(passphrase);
        this.#keyStore = { state: 'on', name: this.#keyStore?.name ?? '' };
        return told();
      },
      'lock.forget': () => {
        this.#keyStore = { state: 'off', name: this.#keyStore?.name ?? '' };
        return told();
      },
      'lock.active': () => null,
      'lock.suggest': () => ({ passphrase: 'harbour tide lantern gravel winter copper meadow signal' }),
    };
  }
}
