/** What a host answers that cannot start a practice network: it says so. Hosts that can put their own in its place. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';

export type PracticeHandlers = Pick<Handlers, Extract<keyof Handlers, `practice.${string}`>>;

const refuse = (): never => {
  throw new BroadsideError(
    'not-in-version',
    'A practice network cannot be started from here. Use `broadside testnet --samples` and join it with --network and --bootstrap.',
  );
};

export const noPractice: PracticeHandlers = {
  'practice.get': () => ({ state: 'impossible', samples: [] }),
  'practice.start': refuse,
  'practice.stop': refuse,
};
