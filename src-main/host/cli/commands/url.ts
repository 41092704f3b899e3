import { BroadsideError } from '../../../../shared/base/errors.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { readDaemonFile } from '../../daemon-file.ts';
import { connectDaemon } from '../session.ts';

/** The address of the interface of the node that runs, with its token: for who can read the data directory, and nobody else. */
export async function url(context: CommandContext): Promise<number> {
  const session = await connectDaemon(nodeChoice(context));
  const file = readDaemonFile(context.directory);
  await session?.close();
  if (session === undefined || file === undefined) {
    throw new BroadsideError('not-found', 'No node runs on this data directory. Start one with: broadside daemon.');
  }
  const address = `http://127.0.0.1:${file.port}/#token=${file.token}`;
  context.output.result({ url: address }, address);
  return 0;
}
