import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { PublishJob } from '../../../../shared/ipc/model.ts';
import { lookThrough, sayWhatIsThere } from '../before-sending.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob } from '../job.ts';
import { stripOptions } from '../metadata-care.ts';
import { readPassword } from '../password-file.ts';
import { wholeNumber } from '../usage.ts';

const DEFAULT_ENOUGH = 3;
const DEFAULT_SHARES = 10;
const MAX_SHARES = 100;

/** Checks what was asked for before anything is looked at or sent, then publishes. */
export async function publish(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const n = wholeNumber(args, 'n', DEFAULT_SHARES, 1, MAX_SHARES);
  const k = wholeNumber(args, 'k', Math.min(DEFAULT_ENOUGH, n), 1, n);
  const list = listingOf(args.flag('list'), args.text('keywords'));
  const permanent = args.flag('permanent');
  if (permanent && args.flag('no-update')) {
    throw new BroadsideError(
      'usage',
      '--permanent and --no-update exclude each other. Choose one: permanent cannot be deleted either.',
    );
  }
  const passwordFile = args.text('password-file');
  if (permanent && passwordFile !== undefined) {
    throw new BroadsideError(
      'usage',
      'A permanent publication has no password. Leave out --password-file or --permanent.',
    );
  }
  const strip = stripOptions(args);
  const password = passwordFile === undefined ? undefined : readPassword(passwordFile);
  const title = args.text('title');
  if (password !== undefined) {
    const { requireStrongPassword } = await import('../../../services/publish/password.ts');
    await requireStrongPassword(password, title === undefined ? [] : [title]);
  }
  const path = resolve(args.positionals[0]!);

  const job = await withSession(context, async (session) => {
    await lookThrough(session, path, strip, output, signal);
    return runJob(
      session,
      'publish',
      () =>
        session.client.call('publish.start', {
          source: { kind: 'path', path },
          k,
          n,
          class: permanent ? 'fixed' : args.flag('no-update') ? 'delete-only' : 'updatable',
          ...(title !== undefined && { title }),
          ...(password !== undefined && { password }),
          ...(args.flag('restart') && { restart: true }),
          ...(list !== undefined && { list }),
          ...strip,
        }),
      output,
      signal,
      sayWhatIsThere(output, 'Run the same command to go on with it, or with --restart to begin anew'),
    );
  });
  report(context, job);
  return 0;
}

/** How a listing went. */
export const LISTED = {
  done: 'whoever searches can find it, with its link and its title. This node renews that every few days.',
  refused: 'not yet: the hubs that were asked did not take it. This node tries again.',
  'no-hubs': 'not yet: no hub was found. This node tries again.',
};

/** How taking one back went. */
export const UNLISTED = {
  done: 'taken out. Who found it before still has its link.',
  refused: 'not taken out yet: the hubs that were asked did not take it. This node tries again for 14 days.',
  'no-hubs': 'not taken out yet: no hub was found. This node tries again for 14 days.',
};

/** Throws `usage` for what no listing can say. */
export function listingOf(isListed: boolean, words: string | undefined): { keywords: string[] } | undefined {
  if (!isListed && words !== undefined)
    throw new BroadsideError('usage', '--keywords are for --list. Give both, or leave them out.');
  if (!isListed) return undefined;
  const keywords = (words ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
  const isPossible = keywords.length <= 16 && keywords.every((word) => Buffer.byteLength(word) <= 64);
  if (isPossible) return { keywords };
  throw new BroadsideError('usage', 'At most 16 keywords of 64 letters each. Leave some out.');
}

function report({ output }: CommandContext, job: PublishJob): void {
  const stored = job.shares.filter((share) => share.state === 'found').length;
  const result = {
    link: job.link,
    ...(job.password !== undefined && { password: job.password }),
    shares: { wanted: job.n, stored },
    blocks: job.blocksTotal,
    sizeBytes: job.sizeBytes,
    seconds: job.seconds,
    ...(job.listing !== undefined && { listed: job.listing === 'done' }),
  };
  const fetched = job.fetchedBack.filter((share) => share.state === 'found').length;
  const lines = [
    `Published ${formatSize(job.sizeBytes)} in ${(job.seconds ?? 0).toFixed(1)} s: ${stored} of ${job.n} shares placed, ${fetched} fetched back through other paths.`,
    '',
    `Link:      ${job.link ?? ''}`,
  ];
  if (job.listing !== undefined) lines.push(`Listed:    ${LISTED[job.listing]}`);
  if (job.password !== undefined) {
    lines.push(
      `Password:  ${job.password}`,
      '',
      'The password is shown this once and kept nowhere. Whoever has it can change or delete this publication.',
    );
  }
  output.result(result, lines.join('\n'));
}
