/** The part of demo-contract.ts that answers for moving the data directory: as far as a story says, and no further. */
import { BroadsideError } from '../../shared/base/errors.ts';
import { GB } from '../../shared/base/units.ts';
import type { Move } from '../../shared/ipc/move-calls.ts';
import type { Handlers } from '../../shared/ipc/rpc.ts';

const AT = '/home/anna/.local/share/broadside';

type MoveHandlers = Pick<Handlers, Extract<keyof Handlers, `move.${string}`>>;

/** A place that ends in `full` has something in it. */
export function demoMove(story: Move | undefined, tell: (move: Move) => void): MoveHandlers {
  let move: Move = story ?? { state: 'idle', directory: AT };
  const set = (next: Move): null => {
    move = next;
    tell(move);
    return null;
  };
  return {
    'move.get': () => move,
    'move.check': ({ to = AT }) => {
      if (to.endsWith('full'))
        throw new BroadsideError(
          'usage',
          `${to} is not empty. Choose a directory that is empty, or a new one; nothing was changed.`,
        );
      return { to, sizeBytes: 1.4 * GB, freeBytes: 212 * GB };
    },
    'move.start': ({ to }) => set({ state: 'stopping', directory: AT, to }),
    'move.cancel': () => set({ state: 'idle', directory: AT }),
  };
}
