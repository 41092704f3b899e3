import { BroadsideError } from '../../../../shared/base/errors.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { connectDaemon } from '../session.ts';
import type { Session } from '../session.ts';

/** Locks the node that runs: where none runs, nothing is in memory. */
export async function lock(context: CommandContext): Promise<number> {
  const { args, output } = context;
  const { state } = await withDaemon(context, ({ client }) =>
    client.call('lock.lock', args.flag('wipe') ? { wipe: true } : {}),
  );
  const said = state === 'locked' ? 'The library is locked.' : 'What was kept was removed. There is no passphrase.';
  output.result({ state }, said);
  return 0;
}

export async function unlock(context: CommandContext): Promise<number> {
  if (context.args.text('passphrase-file') === undefined) {
    throw new BroadsideError('usage', '--passphrase-file is needed. Name a file whose first line is the passphrase.');
  }
  // With the passphrase, connecting unlocks.
  const { state } = await withDaemon(context, ({ client }) => client.call('lock.get', null));
  const said = state === 'none' ? 'There is no passphrase, and nothing was locked.' : 'The library is unlocked.';
  context.output.result({ state }, said);
  return 0;
}

async function withDaemon<T>(context: CommandContext, use: (session: Session) => Promise<T>): Promise<T> {
  const session = await connectDaemon(nodeChoice(context));
  if (session === undefined) {
    throw new BroadsideError(
      'not-found',
      'No node runs on this data directory, so nothing of the library is in memory. Other commands take --passphrase-file.',
    );
  }
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
