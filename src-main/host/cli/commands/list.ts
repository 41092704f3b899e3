/** Whether searches find what is published: `list LINK` and `unlist LINK`, from any machine that has the password. */
import { parseLink } from '../../../../shared/base/links.ts';
import type { UpdateJob } from '../../../../shared/ipc/model.ts';
import { CLASS_FIXED } from '../../../core/wire/record.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob, waitForNeighbour } from '../job.ts';
import { checkChangeable, checkLink } from '../link.ts';
import { passwordOption } from '../password-file.ts';
import { LISTED, listingOf, UNLISTED } from './publish.ts';

export async function list(context: CommandContext): Promise<number> {
  const job = await runListing(context, listingOf(true, context.args.text('keywords')));
  context.output.result(
    { link: job.newLink, listed: job.listing === 'done', seconds: job.seconds },
    [`Listed:    ${LISTED[job.listing ?? 'no-hubs']}`, '', `Link:      ${job.newLink ?? ''}`].join('\n'),
  );
  return 0;
}

export async function unlist(context: CommandContext): Promise<number> {
  const { args, output } = context;
  const link = args.positionals[0]!;
  checkLink(link);
  const parsed = parseLink(link);
  if (parsed.ok && parsed.value.class === CLASS_FIXED) {
    await withSession(context, (session) => session.client.call('listing.stop', { link }));
    output.result({ link, renewed: false }, 'It is renewed in search no more. Hubs let it go within 14 days.');
    return 0;
  }
  const job = await runListing(context, undefined);
  output.result(
    { link: job.newLink, unlisted: job.unlisting === 'done', seconds: job.seconds },
    `Search:    ${UNLISTED[job.unlisting ?? 'no-hubs']}`,
  );
  return 0;
}

async function runListing(
  context: CommandContext,
  wanted: { readonly keywords: string[] } | undefined,
): Promise<UpdateJob> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkChangeable(link, 'list');
  const password = passwordOption(args, 'password-file');
  return withSession(context, async (session) => {
    await waitForNeighbour(session, output, signal);
    const start = () =>
      session.client.call('listing.start', { link, password, ...(wanted !== undefined && { list: wanted }) });
    return runJob(session, 'update', start, output, signal);
  });
}
