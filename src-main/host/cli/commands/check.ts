import type { CheckJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkAddress } from '../link.ts';

/** Exit code 0 whatever the health is: the check was done, and `retrievable` says how it came out. */
export async function check(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkAddress(link);
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return runJob(session, 'check', () => session.client.call('check.start', { link }), output, signal);
  });
  const result = resultOf(job);
  const valid = result.shares.filter((share) => share.valid).length;
  const bad = result.shares.filter((share) => share.found && !share.valid).map((share) => share.index);
  output.result(
    result,
    [
      `${result.version === undefined ? 'It' : `Edition ${result.version}, the newest,`} ${result.retrievable ? 'can be retrieved.' : 'cannot be retrieved now.'}`,
      `${valid} of ${job.n} shares answered, ${job.k} are enough${bad.length > 0 ? `; damaged: ${bad.join(', ')}` : ''}.`,
      `${result.blocks.found} of ${result.blocks.sampled} sampled blocks were found.`,
    ].join('\n'),
  );
  return 0;
}

function resultOf(job: CheckJob): {
  retrievable: boolean;
  shares: { index: number; found: boolean; valid: boolean }[];
  blocks: { sampled: number; found: number };
  version?: number;
} {
  return {
    retrievable: job.retrievable === true,
    shares: job.shares.map(({ index, state }) => ({
      index,
      found: state === 'found' || state === 'bad',
      valid: state === 'found',
    })),
    blocks: { sampled: job.blocksSampled, found: job.blocksFound },
    ...(job.edition !== undefined && { version: job.edition }),
  };
}
