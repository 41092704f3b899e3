import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { PublishJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { wholeNumber } from '../usage.ts';

const DEFAULT_ENOUGH = 3;
const DEFAULT_SHARES = 10;
const MAX_SHARES = 100;
/** The contract takes 1,024 characters of four bytes at most. */
const MAX_PASSWORD_BYTES = 4096;

export async function publish(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const n = wholeNumber(args, 'n', DEFAULT_SHARES, 1, MAX_SHARES);
  const k = wholeNumber(args, 'k', Math.min(DEFAULT_ENOUGH, n), 1, n);
  for (const later of ['list', 'keywords']) {
    if (args.flag(later) || args.text(later) !== undefined) {
      throw new BroadsideError(
        'not-in-version',
        `--${later} is not in this version: there is no search yet. Leave it out.`,
      );
    }
  }
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
  const password = passwordFile === undefined ? undefined : readPassword(passwordFile);
  const title = args.text('title');
  if (password !== undefined) {
    const { requireStrongPassword } = await import('../../../services/publish/password.ts');
    await requireStrongPassword(password, title === undefined ? [] : [title]);
  }
  const path = resolve(args.positionals[0]!);

  const job = await withSession(context, async (session) => {
    // A path that cannot be published is said before the network is waited for.
    await Promise.race([session.client.call('publish.survey', { source: { kind: 'path', path } }), session.lost]);
    await waitForNeighbour(session, output, signal);
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
        }),
      output,
      signal,
    );
  });
  report(context, job);
  return 0;
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
  };
  const fetched = job.fetchedBack.filter((share) => share.state === 'found').length;
  const lines = [
    `Published ${formatSize(job.sizeBytes)} in ${(job.seconds ?? 0).toFixed(1)} s: ${stored} of ${job.n} shares placed, ${fetched} fetched back through other paths.`,
    '',
    `Link:      ${job.link ?? ''}`,
  ];
  if (job.password !== undefined) {
    lines.push(
      `Password:  ${job.password}`,
      '',
      'The password is shown this once and kept nowhere. Whoever has it can change or delete this publication.',
    );
  }
  output.result(result, lines.join('\n'));
}

/** The first line, without its end. Rights are not checked: that is the owner's affair. Throws `usage`. */
export function readPassword(path: string): string {
  let text: string;
  try {
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(MAX_PASSWORD_BYTES + 1);
      text = buffer.toString('utf8', 0, readSync(file, buffer, 0, buffer.length, null));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BroadsideError(
      'usage',
      `The password file ${path} ${missing ? 'does not exist' : 'cannot be read'}. Name one that can be read.`,
      { cause },
    );
  }
  const line = text.split('\n', 1)[0]!.replace(/\r$/, '');
  if (line === '') throw new BroadsideError('usage', `The first line of ${path} is empty. Write the password there.`);
  if (line.length > 1024)
    throw new BroadsideError('usage', `The password in ${path} is longer than 1,024 characters. Choose a shorter one.`);
  return line;
}
