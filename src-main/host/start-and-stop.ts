/** How what belongs together is opened, and closed again in the reverse order, whatever fails. */
import { BroadsideError } from '../../shared/base/errors.ts';

/** Longest that stopping may take; what has not ended by then ends with the process. */
export const STOP_TIMEOUT_MS = 3000;

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
