import type { DeleteJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkChangeable } from '../link.ts';
import { passwordOption } from '../password-file.ts';

/** Best effort, and the words say so: what others have copied stays with them. */
export async function deletePublication(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkChangeable(link, 'delete');
  const password = passwordOption(args, 'password-file');
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return runJob(session, 'delete', () => session.client.call('delete.start', { link, password }), output, signal);
  });
  output.result(
    { link: job.link, slots: { wanted: job.slotsWanted, replaced: job.slotsReplaced }, seconds: job.seconds },
    sentences(job).join('\n'),
  );
  return 0;
}

function sentences({ slotsWanted, slotsReplaced }: DeleteJob): string[] {
  return [
    `${slotsReplaced} of ${slotsWanted} slots say now that its publisher deleted it.`,
    ...(slotsReplaced < slotsWanted ? ['Do the same again later to reach the others.'] : []),
    'Deletion is best effort: nodes that are away may still show it for a while, and who has a copy has a copy.',
  ];
}
