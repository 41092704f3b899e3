/** What a host answers that cannot move the data directory while it runs: it says so. Hosts that can put their own in its place. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';

export type MoveHandlers = Pick<Handlers, Extract<keyof Handlers, `move.${string}`>>;

const refuse = (): never => {
  throw new BroadsideError(
    'not-in-version',
    'The data directory cannot be moved from here. Stop what runs on it, then use: broadside move DIR.',
  );
};

export const noMove: MoveHandlers = {
  'move.get': () => ({ state: 'impossible', directory: '' }),
  'move.check': refuse,
  'move.start': refuse,
  'move.cancel': refuse,
};
