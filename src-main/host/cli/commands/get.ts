import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { GetJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkAddress } from '../link.ts';
import { printable } from '../output.ts';
import type { Output } from '../output.ts';

export async function get(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkAddress(link);
  const to = args.text('output');
  if (to === '')
    throw new BroadsideError('usage', '-o needs a path. Name one, or leave it out for the publication’s own name.');
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return runJob(
      session,
      'get',
      () =>
        session.client.call('get.start', {
          link,
          directory: process.cwd(),
          ...(to !== undefined && { path: resolve(to) }),
          ...(args.flag('restart') && { restart: true }),
        }),
      output,
      signal,
      sayWhatIsKept(output),
    );
  });
  const result = resultOf(job);
  output.result(
    result,
    `Written to ${printable(result.path)}: ${result.version > 1 ? `edition ${result.version}, ` : ''}${formatSize(result.sizeBytes)}, verified, from ${result.shares.valid} shares, in ${result.seconds.toFixed(1)} s.${
      result.shares.bad.length > 0 ? ` Damaged shares: ${result.shares.bad.join(', ')}.` : ''
    }`,
  );
  return 0;
}

/** What an earlier run left, once, and what this one leaves. */
function sayWhatIsKept(output: Output): (job: GetJob) => void {
  let said = false;
  return (job) => {
    const whole = formatSize(job.bytesTotal ?? 0);
    if (!said && job.bytesDone > (job.bytesKept ?? job.bytesDone)) {
      said = true;
      output.say(`Going on: ${formatSize(job.bytesKept ?? 0)} of ${whole} were here, and are what was published`);
    }
    if (job.state !== 'running' && job.state !== 'done' && job.bytesLeft !== undefined) {
      output.say(
        `Kept ${formatSize(job.bytesLeft)} of ${whole}; run the same command to go on, or with --restart to begin anew`,
      );
    }
  };
}

export function resultOf(job: GetJob): {
  path: string;
  sizeBytes: number;
  type: string;
  version: number;
  shares: { asked: number; valid: number; bad: number[] };
  seconds: number;
} {
  const { publication } = job;
  const single = publication?.shape === 'file' ? publication.files[0] : undefined;
  return {
    path: job.path ?? '',
    sizeBytes: job.bytesDone,
    // What file managers and shared-mime-info call a directory.
    type: single?.type ?? 'inode/directory',
    version: publication?.edition ?? 1,
    shares: {
      asked: job.shares.filter((share) => share.state !== 'unasked').length,
      valid: job.shares.filter((share) => share.state === 'found').length,
      bad: job.badShares,
    },
    seconds: job.seconds ?? 0,
  };
}
