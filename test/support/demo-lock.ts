/** The lock of the demo: a passphrase that is set, locked, unlocked and removed, with nothing behind it. */
import { BroadsideError } from '../../shared/base/errors.ts';
import type { Lock } from '../../shared/ipc/lock-calls.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

type LockHandlers = Pick<Handlers, Extract<keyof Handlers, `lock.${string}`>>;

export class DemoLock {
  #passphrase: string | undefined;
  #isLocked = false;
  readonly #tell: (lock: Lock) => void;

  constructor(tell: (lock: Lock) => void) {
    this.#tell = tell;
  }

  get view(): Lock {
    return { state: this.#passphrase === undefined ? 'none' : this.#isLocked ? 'locked' : 'open' };
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
      'lock.suggest': () => ({ passphrase: 'harbour tide lantern gravel winter copper meadow signal' }),
    };
  }
}
