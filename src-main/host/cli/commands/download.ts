import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { explainFileLinkProblem, parseFileLink } from '../../../../shared/base/file-links.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { DownloadJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { printable } from '../output.ts';
import type { Output } from '../output.ts';
import { Patience } from '../patience.ts';
import { wholeNumber } from '../usage.ts';

/** Without anybody who gives, or has a queue for us, for so long it is given up. */
const DEFAULT_TIMEOUT_SECONDS = 60;

export async function download(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  const parsed = parseFileLink(link);
  if (!parsed.ok) throw new BroadsideError('bad-link', explainFileLinkProblem(parsed.code, link));
  const to = args.text('output');
  if (to === '')
    throw new BroadsideError('usage', '-o needs a path. Name one, or leave it out for the file’s own name.');
  const timeoutMs = wholeNumber(args, 'timeout', DEFAULT_TIMEOUT_SECONDS, 1, 86_400) * 1_000;
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    const patience = new Patience(timeoutMs, signal);
    const say = sayWhatIsHere(output);
    try {
      return await runJob(
        session,
        'download',
        () =>
          session.client.call('download.start', {
            link,
            directory: process.cwd(),
            ...(to !== undefined && { path: resolve(to) }),
          }),
        output,
        patience.signal,
        (seen) => {
          say(seen);
          patience.see(seen.state === 'running', isServed(seen));
        },
      );
    } catch (thrown) {
      throw patience.isOver ? nobody(timeoutMs) : thrown;
    } finally {
      patience.end();
    }
  });
  const result = {
    path: job.path ?? '',
    sizeBytes: job.bytesDone,
    sources: job.sourcesUsed ?? 0,
    seconds: job.seconds ?? 0,
  };
  output.result(
    result,
    `Written to ${printable(result.path)}: ${formatSize(result.sizeBytes)}, verified, from ${result.sources} ${
      result.sources === 1 ? 'source' : 'sources'
    }, in ${result.seconds.toFixed(1)} s.`,
  );
  return 0;
}

function isServed({ sources, stage }: DownloadJob): boolean {
  // One that waits for its turn here waits for nobody else.
  const isOwn = stage === 'queued' || stage === 'finishing';
  return isOwn || sources.some(({ state }) => state === 'active' || state === 'queued');
}

function nobody(timeoutMs: number): BroadsideError {
  return new BroadsideError(
    'not-found',
    `Nobody who has this file answered within ${timeoutMs / 1_000} seconds. What came is kept beside its place; run the same command to go on, with --timeout to wait longer.`,
  );
}

/** What an earlier run left, once, and what this one leaves. */
function sayWhatIsHere(output: Output): (job: DownloadJob) => void {
  let said = false;
  return (job) => {
    const whole = job.sizeBytes === undefined ? '' : ` of ${formatSize(job.sizeBytes)}`;
    if (!said && (job.bytesKept ?? 0) > 0) {
      said = true;
      output.say(`Going on: ${formatSize(job.bytesKept!)}${whole} were here, verified when they came`);
    }
    if (job.state !== 'running' && job.state !== 'done' && job.bytesDone > 0) {
      output.say(`Kept ${formatSize(job.bytesDone)}${whole}; run the same command to go on`);
    }
  };
}
