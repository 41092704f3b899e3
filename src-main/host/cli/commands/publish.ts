import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { BlockedKind } from '../../../../shared/base/blocked.ts';
import type { Preview } from '../../../../shared/ipc/contract.ts';
import type { PublishJob } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { stripOptions, tellMetadata } from '../metadata-care.ts';
import type { Output } from '../output.ts';
import { readPassword } from '../password-file.ts';
import { oneLine } from '../output.ts';
import { wholeNumber } from '../usage.ts';

const DEFAULT_ENOUGH = 3;
const DEFAULT_SHARES = 10;
const MAX_SHARES = 100;
/** Of each kind of warning; the rest is counted. */
const WARNINGS = 10;
const BLOCKED_WORDS: Readonly<Record<BlockedKind, string>> = {
  script: 'script(s)',
  picture: 'picture(s) from elsewhere',
  style: 'style sheet(s) from elsewhere',
  font: 'font(s) from elsewhere',
  media: 'sound(s) or film(s) from elsewhere',
  frame: 'frame(s) or object(s)',
  form: 'form(s)',
  redirect: 'jump(s) elsewhere',
  hint: 'connection(s) made ahead',
  animation: 'moving part(s)',
};

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
  const strip = stripOptions(args);
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
    const looked = session.client.call('publish.preview', { source: { kind: 'path', path } });
    warn(output, await Promise.race([looked, session.lost]));
    await tellMetadata(session, path, strip, output, signal);
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
          ...(args.flag('restart') && { restart: true }),
          ...strip,
        }),
      output,
      signal,
      sayWhatIsThere(output),
    );
  });
  report(context, job);
  return 0;
}

/** What readers will not see, and where they will come to nothing; said before anything is sent, for it can still be stopped. */
function warn(output: Output, { brokenLinks, brokenCount, pages, notShown }: Preview): void {
  const lines = [
    ...brokenLinks.slice(0, WARNINGS).map(({ page, target }) => `${page} leads to ${target}, which is not in it.`),
    ...(brokenCount > WARNINGS ? [`${brokenCount - WARNINGS} more links lead nowhere.`] : []),
    ...pages.slice(0, WARNINGS).map(({ path, blocked }) => {
      const kinds = blocked.map(({ kind, count }) => `${count} ${BLOCKED_WORDS[kind]}`);
      return `Left out of ${path} for readers: ${kinds.join(', ')}.`;
    }),
    ...(pages.length > WARNINGS ? [`So too from ${pages.length - WARNINGS} more documents.`] : []),
    ...notShown.slice(0, WARNINGS).map((path) => `${path} is too large to be shown: readers can only save it.`),
  ];
  for (const line of lines) output.say(oneLine(line));
}

/** What the network has from an earlier run, once; and whether another can go on. */
function sayWhatIsThere(output: Output): (job: PublishJob) => void {
  let said = false;
  return (job) => {
    if (!said && job.blocksResumed !== undefined) {
      said = true;
      output.say('Going on with what was interrupted: blocks that arrived are not sent again');
    }
    if (job.state === 'failed' && job.canResume === true)
      output.say('Run the same command to go on with it, or with --restart to begin anew');
  };
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
