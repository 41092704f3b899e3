import { formatSize } from '../../../../shared/base/size.ts';
import type { Status } from '../../../../shared/ipc/model.ts';
import { withSession } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { hasNeighbour } from '../job.ts';
import { formatSeconds } from '../progress.ts';

/** A node that was started for this question alone is given a moment to find a neighbour. A guess. */
const OWN_NODE_TIMEOUT_MS = 3000;

export async function status(context: CommandContext): Promise<number> {
  const { output, signal } = context;
  await withSession(
    context,
    async (session) => {
      if (!session.daemon)
        await hasNeighbour(session, OWN_NODE_TIMEOUT_MS, signal, () =>
          output.say('No node runs on this data directory: starting one for this question'),
        );
      signal.throwIfAborted();
      const now = await session.client.call('status.get', null);
      const result = {
        publicKey: now.publicKey,
        links: now.links,
        location: now.place,
        store: { usedBytes: now.store.usedBytes, quotaBytes: now.store.quotaBytes },
        traffic: now.traffic,
        relay: now.relay,
        role: now.role,
        uptimeSeconds: now.uptimeSeconds,
        network: now.network,
        dht: now.dht,
        version: now.version,
      };
      output.result(
        result,
        [
          `Node        ${now.name}, in network ${now.network}`,
          `Neighbours  ${now.links} of ${now.targetLinks}`,
          `Location    ${now.place.toFixed(6)}`,
          `Store       ${formatSize(now.store.usedBytes)} of ${formatSize(now.store.quotaBytes)}, ${now.store.blocks} blocks`,
          `Traffic     ${formatSize(now.traffic.inBytes)} in, ${formatSize(now.traffic.outBytes)} out`,
          ...carried(now),
          `Role        ${now.role}`,
          `Up          ${formatSeconds(now.uptimeSeconds)}`,
        ].join('\n'),
      );
    },
    { mayBeLocked: true },
  );
  return 0;
}

/** What it carries for others, and others for it; nothing where nothing is. */
function carried({ relay }: Status): string[] {
  if (relay === undefined || relay.streamsInAll + relay.links === 0) return [];
  const forOthers = `${formatSize(relay.bytes)} between others, ${relay.streams} of their links now`;
  return [`Carried     ${forOthers}; ${relay.links} of this node's own links are carried by neighbours`];
}
