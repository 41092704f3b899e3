import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { waitForNeighbour } from '../job.ts';

/** Prints an invite to the network of the data directory. */
export async function invite(context: CommandContext): Promise<number> {
  const { output, signal } = context;
  await withSession(context, async (session) => {
    // A node of its own knows nobody to name before it has found somebody, and is gone itself when this ends.
    if (!session.daemon) await waitForNeighbour(session, output, signal);
    signal.throwIfAborted();
    const made = await session.client.call('network.invite', null);
    output.result(made, made.invite);
  });
  return 0;
}
