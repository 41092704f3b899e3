import { existsSync } from 'node:fs';
import type { Invite } from '../../../../shared/base/invites.ts';
import { SETTINGS } from '../../../../shared/ipc/settings.ts';
import { otherNetwork, readInvite } from '../../../services/invites/invites.ts';
import { rememberNodes } from '../../../transport/hyperswarm/remember-nodes.ts';
import { openSettingsAlone } from '../../open-settings.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { connectDaemon } from '../session.ts';
import type { NodeChoice } from '../session.ts';

/**
 * Takes an invite in. A node that runs dials at once. Where none runs, the nodes are remembered for the next start, and a
 * data directory that no node has used yet is put in the network of the invite, with its bootstraps.
 */
export async function join(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const text = args.positionals[0]!;
  const invite = readInvite(text);
  const { network } = invite;
  if ((args.text('network') ?? network) !== network) throw otherNetwork(invite, args.text('network')!);
  const choice = nodeChoice(context);
  const session = await connectDaemon(choice);
  signal.throwIfAborted();
  if (session === undefined) {
    const nodes = await joinLater(choice, invite);
    output.result(
      { nodes, network },
      `${countOf(nodes)} of the network ${network} will be dialled at the next start: broadside daemon`,
    );
    return 0;
  }
  try {
    const { nodes } = await session.client.call('network.join', { invite: text });
    output.result({ nodes, network }, `${countOf(nodes)} of the network ${network} are being dialled`);
  } finally {
    await session.close();
  }
  return 0;
}

/** How many nodes were remembered. */
async function joinLater(choice: NodeChoice, invite: Invite): Promise<number> {
  const { directory } = choice;
  const { settings, close } = await openSettingsAlone({ ...choice, network: undefined });
  try {
    const isFresh = !existsSync(directory.identityKey) && settings.get('network') === SETTINGS.network.default;
    // Who names the network as well has said that the directory is to be in it.
    if (isFresh || choice.network !== undefined) {
      if (settings.get('network') !== invite.network) await settings.set('network', invite.network);
      if (choice.bootstrap.length === 0) await settings.set('bootstrap', invite.bootstrap.join(','));
    } else if (settings.get('network') !== invite.network) {
      throw otherNetwork(invite, settings.get('network'));
    }
    await rememberNodes(directory.knownNodes, invite.network, invite.nodes);
    return invite.nodes.length;
  } finally {
    await close();
  }
}

function countOf(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
