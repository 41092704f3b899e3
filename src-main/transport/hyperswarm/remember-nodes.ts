import type { KnownNode } from '../../core/ports.ts';
import { savedPort } from './addresses.ts';
import { KnownNodes } from './known-nodes.ts';
import { KnownNodesFile } from './known-nodes-file.ts';

/**
 * Adds the nodes of an invite to the file of known nodes of a node that does not run, which dials them when it starts. What
 * else is in the file stays, unless it is of another network.
 */
export async function rememberNodes(path: string, network: string, nodes: readonly KnownNode[]): Promise<void> {
  // Its own key is not known here; the node that loads the file passes it over.
  const known = new KnownNodes({ ownKeyHex: '', network, now: Date.now, random: () => 0 });
  const saved = await new KnownNodesFile(path, () => ({})).load();
  const port = savedPort(saved);
  const file = new KnownNodesFile(path, () => ({ version: 1, ...(port !== undefined && { port }), ...known.toJSON() }));
  known.load(saved);
  for (const node of nodes) known.invited(node);
  await file.write();
}
