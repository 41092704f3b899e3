/** How what belongs together is opened, and closed again in the reverse order, whatever fails. */
import { BroadsideError } from '../../shared/base/errors.ts';

/** Longest that stopping may take; what has not ended by then ends with the process. */
export const STOP_TIMEOUT_MS = 3000;

export interface Stopping {
  /** Resolves when all has ended, or the time is over. */
  readonly inTime: Promise<void>;
  /** Resolves when all has ended, however long it takes: nothing is written from then on. */
  readonly whole: Promise<void>;
}

/** Neither rejects. */
export function stopAll(undo: (() => Promise<void> | void)[], onDefect: (thrown: unknown) => void): Stopping {
  const run = async (): Promise<void> => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) {
      try {
        await step();
      } catch (thrown) {
        onDefect(thrown);
      }
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      onDefect(new BroadsideError('unexpected', `stopping took longer than ${STOP_TIMEOUT_MS} ms`));
      resolve();
    }, STOP_TIMEOUT_MS);
  });
  const whole = run().finally(() => clearTimeout(timer));
  return { inTime: Promise.race([whole, late]), whole };
}
