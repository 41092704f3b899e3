import { resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { formatSize } from '../../../../shared/base/size.ts';
import type { UpdateJob } from '../../../../shared/ipc/model.ts';
import { lookThrough, sayWhatIsThere } from '../before-sending.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { runJob } from '../job.ts';
import { stripOptions } from '../metadata-care.ts';
import { checkChangeable } from '../link.ts';
import { passwordOption } from '../password-file.ts';
import { LISTED, listingOf, UNLISTED } from './publish.ts';

export async function update(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const link = args.positionals[0]!;
  checkChangeable(link, 'update');
  const strip = stripOptions(args);
  const password = passwordOption(args, 'password-file');
  const title = args.text('title');
  const list = args.flag('unlist') ? null : listingOf(args.flag('list'), args.text('keywords'));
  if (list === null && (args.flag('list') || args.text('keywords') !== undefined))
    throw new BroadsideError('usage', 'Give --list or --unlist, not both.');
  const path = resolve(args.positionals[1]!);
  const job = await withSession(context, async (session) => {
    await lookThrough(session, path, strip, output, signal);
    return runJob(
      session,
      'update',
      () =>
        session.client.call('update.start', {
          link,
          password,
          source: { kind: 'path', path },
          ...(title !== undefined && { title }),
          ...(list !== undefined && { list }),
          ...strip,
        }),
      output,
      signal,
      sayWhatIsThere(output, 'Run the same command to go on with it'),
    );
  });
  const lines = [
    job.outcome === 'published'
      ? `Published edition ${job.edition ?? ''}, ${formatSize(job.sizeBytes)}, in ${(job.seconds ?? 0).toFixed(1)} s: ${job.blocksTotal} blocks sent, ${job.blocksKept} kept from the edition before (${job.filesKept} of ${job.fileCount} files are unchanged).`
      : `Edition ${job.edition ?? ''} has this content already: no new edition was made.`,
  ];
  reportUpdate(context, job, lines);
  return 0;
}

/** The outcome of an update or of a change of the password. */
export function reportUpdate({ output }: CommandContext, job: UpdateJob, lines: readonly string[]): void {
  const result = {
    link: job.newLink,
    slots: { wanted: job.slotsWanted, replaced: job.slotsReplaced },
    version: job.edition,
    outcome: job.outcome,
    blocks: { sent: job.blocksTotal, kept: job.blocksKept },
    sizeBytes: job.sizeBytes,
    seconds: job.seconds,
    ...(job.listing !== undefined && { listed: job.listing === 'done' }),
    ...(job.unlisting !== undefined && { unlisted: job.unlisting === 'done' }),
  };
  const listed = [
    ...(job.listing === undefined ? [] : [`Listed:    ${LISTED[job.listing]}`]),
    ...(job.unlisting === undefined ? [] : [`Search:    ${UNLISTED[job.unlisting]}`]),
  ];
  output.result(result, [...lines, slotsSentence(job), '', `Link:      ${job.newLink ?? ''}`, ...listed].join('\n'));
}

function slotsSentence({ slotsWanted, slotsReplaced }: UpdateJob): string {
  if (slotsReplaced < slotsWanted) {
    return `${slotsReplaced} of ${slotsWanted} slots of earlier editions lead to it. One is enough for a link; do the same again later to reach the others.`;
  }
  return slotsWanted === 0
    ? 'There is no earlier edition to lead to it.'
    : `All ${slotsWanted} slots of earlier editions lead to it: old links open it in one step.`;
}
