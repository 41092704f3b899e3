import { existsSync } from 'node:fs';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { openSettingsAlone } from '../../open-settings.ts';
import { openPersonalDisk } from '../../personal-disk.ts';
import { createSodiumCrypto } from '../../../workers/sodium/crypto.ts';
import { createSystemRandom } from '../../../workers/sodium/random.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { connectDaemon } from '../session.ts';
import type { Session } from '../session.ts';

/** Locks the node that runs: where none runs, nothing is in memory, and what opens the library by itself is taken off the disk. */
export async function lock(context: CommandContext): Promise<number> {
  const { args, output } = context;
  if (await forgetWithoutNode(context)) {
    output.result({ state: 'locked' }, 'The library is locked. It asks for its passphrase at the next start.');
    return 0;
  }
  const { state } = await withDaemon(context, ({ client }) =>
    client.call('lock.lock', args.flag('wipe') ? { wipe: true } : {}),
  );
  const said = state === 'locked' ? 'The library is locked.' : 'What was kept was removed. There is no passphrase.';
  output.result({ state }, said);
  return 0;
}

/** False where a node runs, which does it by itself, or nothing was kept. */
async function forgetWithoutNode(context: CommandContext): Promise<boolean> {
  const { args, directory } = context;
  if (!existsSync(directory.keyStore)) return false;
  const choice = nodeChoice(context);
  const session = await connectDaemon(choice);
  if (session !== undefined) {
    await session.close();
    return false;
  }
  const held = await openSettingsAlone(choice);
  try {
    const disk = await openPersonalDisk({
      ...{ directory, crypto: createSodiumCrypto(), random: createSystemRandom() },
      onDamaged: () => undefined,
    });
    await disk.remember(undefined);
  } finally {
    await held.close();
  }
  // What is kept of opened publications is for a node to remove, which is said.
  return !args.flag('wipe');
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
