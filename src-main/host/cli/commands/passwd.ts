import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkChangeable } from '../link.ts';
import { passwordOption } from '../password-file.ts';
import { reportUpdate } from './update.ts';

/** The new password comes from a file too: one that was made here and lost with an interrupted command would be lost for good. */
export async function passwd(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkChangeable(link, 'password');
  const password = passwordOption(args, 'password-file');
  const newPassword = passwordOption(args, 'new-password-file');
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return runJob(
      session,
      'update',
      () => session.client.call('password.start', { link, password, newPassword }),
      output,
      signal,
    );
  });
  reportUpdate(context, job, [
    job.outcome === 'published'
      ? `The password was changed, with edition ${job.edition ?? ''}. The old one changes nothing that follows.`
      : 'The new password is the password already.',
  ]);
  return 0;
}
