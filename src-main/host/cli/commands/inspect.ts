/** Tells what files say about their author. Needs no node, sends nothing, changes nothing. */
import { resolve } from 'node:path';
import { MetadataCare } from '../../../services/metadata/metadata.ts';
import { systemClock } from '../../../services/jobs/clock.ts';
import { survey } from '../../../services/survey/survey.ts';
import { MetadataPool } from '../../../workers/metadata/pool.ts';
import { userName } from '../../user-name.ts';
import type { CommandContext } from '../context.ts';
import { askAll, findingLines, NOT_LOOKED_FOR } from '../metadata-lines.ts';

export async function inspect({ args, output, signal }: CommandContext): Promise<number> {
  const path = resolve(args.positionals[0]!);
  const tools = new MetadataPool();
  try {
    const care = new MetadataCare({
      clock: systemClock,
      tools,
      sources: { survey: () => survey(path, { signal }) },
      userName: userName(),
    });
    const all = await askAll(
      (from) => {
        signal.throwIfAborted();
        return care.page({ kind: 'path', path }, from);
      },
      ({ looked, fileCount }) => output.progress(`Looking into the files: ${looked} of ${fileCount}`),
    );
    output.progress('');
    output.result({ ...all, notLookedFor: NOT_LOOKED_FOR }, findingLines(all).join('\n'));
    return 0;
  } finally {
    await tools.close();
  }
}
