import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { FolderJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { printable } from '../output.ts';
import { Patience } from '../patience.ts';
import { wholeNumber } from '../usage.ts';

const DEFAULT_TIMEOUT_SECONDS = 60;

/** `folder USER FOLDER`: loads a folder of what a user shares, with its tree. Run again it goes on where it was. */
export async function folder(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const [user, name] = args.positionals as [string, string];
  const to = args.text('output');
  if (to === '')
    throw new BroadsideError('usage', '-o needs a path. Name one, or leave it out for the folder’s own name.');
  const only = args.texts('only');
  const timeoutMs = wholeNumber(args, 'timeout', DEFAULT_TIMEOUT_SECONDS, 1, 86_400) * 1_000;
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    const patience = new Patience(timeoutMs, signal);
    try {
      return await runJob(
        session,
        'folder',
        () =>
          session.client.call('folder.start', {
            ...{ user, folder: name, directory: process.cwd() },
            ...(to !== undefined && { path: resolve(to) }),
            ...(only.length > 0 && { only: [...only] }),
          }),
        output,
        patience.signal,
        (folderJob) => patience.see(folderJob.state === 'running', isServed(folderJob)),
      );
    } catch (thrown) {
      throw patience.isOver ? nobody(timeoutMs) : thrown;
    } finally {
      patience.end();
    }
  });
  const result = {
    path: job.path ?? '',
    files: job.filesDone,
    sizeBytes: job.sizeBytes,
    seconds: job.seconds ?? 0,
  };
  output.result(
    result,
    `Written to ${printable(result.path)}: ${result.files} files, ${formatSize(result.sizeBytes)}, verified, in ${result.seconds.toFixed(1)} s.`,
  );
  return 0;
}

function isServed({ stage, source }: FolderJob): boolean {
  return stage === 'loading' || source?.state === 'queued';
}

function nobody(timeoutMs: number): BroadsideError {
  return new BroadsideError(
    'not-found',
    `This user did not answer, or gave nothing, for ${timeoutMs / 1_000} seconds. What came is kept; run the same command to go on, with --timeout to wait longer.`,
  );
}
