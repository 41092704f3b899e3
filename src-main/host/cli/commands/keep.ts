import { BroadsideError } from '../../../../shared/base/errors.ts';
import type { KeepJob, LibraryEntry } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkAddress } from '../link.ts';

/** `keep LINK` looks after it once and from then on, while a node runs on the data directory; `stop LINK`; `list`. */
export async function keep(context: CommandContext): Promise<number> {
  const [first, second] = context.args.positionals;
  if (first === 'list' && second === undefined) return list(context);
  if (first === 'stop' && second !== undefined) return stop(context, second);
  if (second !== undefined || first === 'stop') {
    throw new BroadsideError('usage', 'Say keep LINK, keep stop LINK, or keep list.');
  }
  return start(context, first!);
}

async function start(context: CommandContext, link: string): Promise<number> {
  const { output, signal } = context;
  checkAddress(link);
  const job = await withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    return runJob(session, 'keep', () => session.client.call('keep.start', { link }), output, signal);
  });
  const found = job.shares.filter((share) => share.state === 'found').length;
  output.result(
    {
      link: job.link,
      retrievable: job.retrievable === true,
      shares: { wanted: job.n, found, held: job.sharesHeld, putBack: job.sharesPutBack },
      blocks: {
        wanted: job.blocksTotal ?? 0,
        held: job.blocksHeld,
        looked: job.blocksLooked,
        found: job.blocksFound,
        putBack: job.blocksPutBack,
        lost: job.blocksLost,
      },
    },
    sentences(job, found).join('\n'),
  );
  return 0;
}

function sentences(job: KeepJob, found: number): string[] {
  const putBack = job.sharesPutBack + job.blocksPutBack;
  return [
    `${found} of ${job.n} shares are on the network, ${job.k} are enough; ${job.sharesHeld} are held here.`,
    `${job.blocksHeld} of ${job.blocksTotal ?? 0} blocks are held here; others had ${job.blocksFound} of the ${job.blocksLooked} that were asked for.`,
    putBack === 0
      ? 'Nothing had to be put back.'
      : `Put back: ${job.sharesPutBack} shares and ${job.blocksPutBack} blocks.`,
    ...(job.blocksLost > 0 ? [`${job.blocksLost} blocks are lost for good: nobody has enough to make them anew.`] : []),
    'It is looked after again while a node runs here: see keep-hours and keep-quota-bytes in the settings.',
  ];
}

async function stop(context: CommandContext, link: string): Promise<number> {
  checkAddress(link);
  await withSession(context, (session) => session.client.call('keep.stop', { link }));
  context.output.result({ link, kept: false }, 'It is kept alive no more; what was held for it is removed.');
  return 0;
}

async function list(context: CommandContext): Promise<number> {
  const [entries, settings] = await withSession(context, async (session) => [
    await session.client.call('library.list', null),
    await session.client.call('config.get', null),
  ]);
  const kept = entries.filter(
    ({ keep: state, origin, deletedMs }) =>
      deletedMs === undefined && (state?.on ?? (origin === 'published' && settings['keep-published'] === true)),
  );
  context.output.result(
    { kept: kept.map(({ link, title, keep: state }) => ({ link, title, ...state })) },
    kept.length === 0 ? 'Nothing is kept alive from here.' : kept.map(line).join('\n'),
  );
  return 0;
}

function line({ title, link, keep: state }: LibraryEntry): string {
  const last = state?.last;
  const health =
    state?.problem !== undefined
      ? state.problem.message
      : last === undefined
        ? 'not looked after yet'
        : `${last.blocksHeld} of ${last.blocksTotal} blocks held, looked after ${new Date(last.atMs).toISOString()}`;
  return `${title}: ${health}\n  ${link}`;
}
