/** Before publishing: says what the files tell about their author, and turns the options about it into what is asked of the node. */
import { tells } from '../../../shared/base/metadata.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { askAll, findingLines } from './metadata-lines.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';
import type { Arguments } from './usage.ts';

export interface StripOptions {
  readonly strip?: true;
  readonly acceptRemaining?: true;
}

/** Throws `usage` for options that do not go together. */
export function stripOptions(args: Arguments): StripOptions {
  const strip = args.flag('strip-metadata');
  const accept = args.flag('accept-remaining');
  if (accept && !strip) {
    throw new BroadsideError(
      'usage',
      '--accept-remaining goes with --strip-metadata: without it everything is published as it is. Add it or leave both out.',
    );
  }
  return { ...(strip && { strip: true }), ...(accept && { acceptRemaining: true }) };
}

/** On standard error, before anything is sent; nothing when quiet, for then nobody reads it. */
export async function tellMetadata(
  { client, lost }: Session,
  path: string,
  { strip, acceptRemaining }: StripOptions,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  if (output.quiet) return;
  const source = { kind: 'path', path } as const;
  const all = await askAll(
    (from) => {
      signal.throwIfAborted();
      return Promise.race([client.call('publish.metadata', { source, from }), lost]);
    },
    ({ looked, fileCount }) => output.progress(`Looking into the files: ${looked} of ${fileCount}`),
  );
  output.progress('');
  for (const line of findingLines(all)) output.say(line);
  const removable = all.findings.some(({ canStrip, severity }) => canStrip && severity !== 'technical');
  const stays = all.findings.some(({ leaves }) => leaves.some((what) => tells({ what })));
  if (strip === true) output.say('What can be removed is removed from copies; your files stay as they are.');
  if (strip === true && stays && acceptRemaining !== true) {
    output.say(
      'Some of it cannot be removed, so this will be refused. To publish all the same, add --accept-remaining.',
    );
  }
  if (strip !== true && removable)
    output.say('It is published as it is. To remove what can be removed, add --strip-metadata.');
}
