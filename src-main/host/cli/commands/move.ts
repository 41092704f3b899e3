import { formatSize } from '../../../../shared/base/size.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { moveData } from '../../move-data.ts';
import { openSettingsAlone } from '../../open-settings.ts';

/** Moves the data directory; the one of before leads to it from then on. Nothing may run on it. */
export async function move(context: CommandContext): Promise<number> {
  const { args, directory, output, signal } = context;
  // Its lock, so that nothing writes there; and what is half written would be seen.
  const held = await openSettingsAlone(nodeChoice(context));
  try {
    const path = await moveData({
      from: directory.path,
      to: args.positionals[0]!,
      signal,
      onProgress: (done, total) =>
        output.progress(`Copying and reading back: ${formatSize(done)} of ${formatSize(total)}`),
    });
    output.progress('');
    output.result({ path }, `The data directory is ${path} now. Commands that name ${directory.path} find it there.`);
  } finally {
    await held.close();
  }
  return 0;
}
