import { composeNode } from '../../compose.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';
import { aborted } from './daemon.ts';

/**
 * A node of a practice network: no interface, and gone when its parent is, which is known by the end of standard input. It
 * says one line when it listens and one when it has the links that a small network gives: {"listening":...}, {"linked":...}.
 */
export async function storageNode(context: CommandContext): Promise<number> {
  const { signal, output } = context;
  const orphaned = new AbortController();
  process.stdin.on('end', () => orphaned.abort());
  process.stdin.on('error', () => orphaned.abort());
  process.stdin.resume();
  const node = await composeNode({
    ...nodeChoice(context),
    what: 'a node of a practice network',
    storageOnly: true,
    onDamaged: (movedTo) => output.say(`A damaged file was moved to ${movedTo}; a fresh one is in its place.`),
  });
  const over = AbortSignal.any([signal, orphaned.signal]);
  try {
    process.stdout.write(`${JSON.stringify({ listening: true, publicKey: node.publicKey, dht: node.dht() })}\n`);
    // A parent that has gone meanwhile makes writing fail; the end of standard input says the same.
    if (await node.node.waitForLinks(LEAST_LINKS, LINK_TIMEOUT_MS, over)) {
      process.stdout.write(`${JSON.stringify({ linked: true, links: node.node.readyLinks() })}\n`);
    }
    await aborted(over);
  } finally {
    await node.stop();
  }
  return 0;
}

/** In a network of two there is one link to have; more come by themselves. */
const LEAST_LINKS = 1;
/** Longer than any network on one machine needs; the parent gives up before. */
const LINK_TIMEOUT_MS = 120_000;
