/** How what belongs together is opened, and closed again in the reverse order, whatever fails. */
import { BroadsideError } from '../../shared/base/errors.ts';

/** Longest that stopping may take; what has not ended by then ends with the process. */
export const STOP_TIMEOUT_MS = 3000;

/** As Promise.all, but settles only when all have, so that what was opened beside a failure is known and closed. */
export async function all<Values extends unknown[]>(promises: {
  readonly [Index in keyof Values]: Promise<Values[Index]>;
}): Promise<Values> {
  const outcomes = await Promise.allSettled(promises);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<unknown>).value) as Values;
}

export async function stopAll(
  undo: (() => Promise<void> | void)[],
  onDefect: (thrown: unknown) => void,
): Promise<void> {
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
  await Promise.race([run(), late]);
  clearTimeout(timer);
}
