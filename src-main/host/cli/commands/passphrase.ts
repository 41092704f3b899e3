import { BroadsideError } from '../../../../shared/base/errors.ts';
import type { Lock } from '../../../../shared/ipc/lock-calls.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { readPassword } from '../password-file.ts';
import type { Session } from '../session.ts';

const ACTIONS = ['status', 'set', 'remove'];

/** `status` says whether there is one; `set` sets or changes it; `remove` writes everything without one. */
export async function passphrase(context: CommandContext): Promise<number> {
  const { args, output } = context;
  const action = args.positionals[0]!;
  if (!ACTIONS.includes(action))
    throw new BroadsideError('usage', `passphrase ${JSON.stringify(action)}: it is one of ${ACTIONS.join(', ')}.`);
  const newPath = args.text('new-passphrase-file');
  if (newPath !== undefined && action !== 'set')
    throw new BroadsideError('usage', '--new-passphrase-file goes with: passphrase set.');
  const given = newPath === undefined ? undefined : readPassword(newPath);
  return withSession(
    context,
    async (session) => {
      const { state } = await session.client.call('lock.get', null);
      if (action === 'status') {
        output.result({ state }, STATES[state]);
        return 0;
      }
      const oldPath = args.text('passphrase-file');
      if (state === 'none' && action === 'remove') throw new BroadsideError('usage', 'There is no passphrase.');
      if (state !== 'none' && oldPath === undefined) {
        throw new BroadsideError(
          'usage',
          '--passphrase-file is needed. Name a file whose first line is the one of now.',
        );
      }
      const made = action === 'set' && given === undefined;
      const next = made ? (await session.client.call('lock.suggest', null)).passphrase : given;
      const old = state === 'none' ? undefined : readPassword(oldPath!);
      output.say('Everything is written anew; this can take a minute with large shared folders.');
      await change(session, { ...(old !== undefined && { passphrase: old }), ...(next !== undefined && { next }) });
      const lines = [
        ...(made ? [`Passphrase:  ${next}`, '', 'It is shown this once and kept nowhere.'] : []),
        action === 'remove'
          ? 'The passphrase was removed: who has the disk can read the library.'
          : 'The passphrase is set. Without it nobody can open the library, the makers of Broadside included.',
      ];
      const now: Lock['state'] = action === 'set' ? 'open' : 'none';
      output.result({ state: now, ...(made && { passphrase: next }) }, lines.join('\n'));
      return 0;
    },
    { mayBeLocked: action === 'status' },
  );
}

const STATES: Readonly<Record<Lock['state'], string>> = {
  none: 'There is no passphrase: who has the disk can read the library.',
  open: 'There is a passphrase; the library is unlocked.',
  locked: 'There is a passphrase; the library is locked.',
  changing: 'The passphrase is being changed.',
};

/** Resolves when it has happened. */
async function change(session: Session, request: { passphrase?: string; next?: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = session.client.on('lock', ({ state, problem }) => {
    if (problem !== undefined) reject(new BroadsideError(problem.code, problem.message));
    else if (state !== 'changing') resolve();
  });
  try {
    await session.client.call('lock.change', request);
    await Promise.race([promise, session.lost]);
  } finally {
    stop();
  }
}
