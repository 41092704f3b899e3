/** Waiting that a signal ends. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Clock } from '../jobs/clock.ts';

/** Waits that end early with the signal's reason. */
export function wait(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(cancelled(signal));
      return;
    }
    const stop = () => {
      cancel();
      reject(cancelled(signal));
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    });
    signal?.addEventListener('abort', stop, { once: true });
  });
}

export function cancelled(signal: AbortSignal | undefined): BroadsideError {
  const reason: unknown = signal?.reason;
  return reason instanceof BroadsideError ? reason : new BroadsideError('cancelled', 'It was cancelled.');
}

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}

/** The promise, or the signal's reason as soon as it aborts; what the promise stands for goes on. */
export function within<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled(signal));
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', stop));
  });
}
