import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { startBootstrapper } from '../../../transport/hyperswarm/bootstrapper.ts';
import { PRACTICE_PREFIX } from '../../../core/network-parameters.ts';
import { STOP_TIMEOUT_MS } from '../../start-and-stop.ts';
import { startChildNode } from '../child-nodes.ts';
import type { ChildNode } from '../child-nodes.ts';
import type { CommandContext } from '../context.ts';
import { STEPS } from '../practice-steps.ts';
import { wholeNumber } from '../usage.ts';
import { aborted } from './daemon.ts';

const DEFAULT_NODES = 12;
/** A process each, some tens of megabytes. */
const MAX_NODES = 100;
/** Nodes that start at the same time: more only wait for the processor. A guess. */
const STARTS_AT_ONCE = 4;
/** Until every node has neighbours. Twelve take some seconds on two cores. */
const READY_TIMEOUT_MS = 120_000;

/** Runs until it is interrupted, or until its standard input, if that was a pipe, ends. */
export async function testnet(context: CommandContext): Promise<number> {
  const { args, output, signal } = context;
  const count = wholeNumber(args, 'nodes', DEFAULT_NODES, 2, MAX_NODES);
  const network = args.text('network') ?? `${PRACTICE_PREFIX}${randomBytes(4).toString('hex')}`;
  if (!new RegExp(`^${PRACTICE_PREFIX}[a-z0-9-]{1,48}$`).test(network)) {
    throw new BroadsideError(
      'usage',
      `A practice network's name begins with ${PRACTICE_PREFIX}, so that nobody takes it for another. Choose such a name.`,
    );
  }
  if (args.texts('bootstrap').length > 0)
    throw new BroadsideError('usage', 'A practice network brings its own bootstrap node. Leave out --bootstrap.');
  const given = args.text('dir');
  const directory = given === undefined ? mkdtempSync(join(tmpdir(), 'broadside-testnet-')) : resolve(given);
  mkdirSync(directory, { recursive: true, mode: 0o700 });

  const bootstrapper = await startBootstrapper();
  const { bootstrap } = bootstrapper;
  const nodes: ChildNode[] = [];
  try {
    await startAll(
      nodes,
      count,
      (index) => startChildNode({ directory: join(directory, `node-${index}`), network, bootstrap }),
      output.say,
      signal,
    );
    const publicKeys = await Promise.all(nodes.map((node) => node.listening));
    const samples = args.flag('samples')
      ? await publishSamples(context, join(directory, 'samples'), network, bootstrap)
      : undefined;
    const ready = {
      ready: true,
      bootstrap,
      network,
      nodes: nodes.map((node, index) => ({ publicKey: publicKeys[index], pid: node.pid })),
      ...(samples !== undefined && { samples }),
    };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
    if (!output.json) {
      output.say(
        `A practice network of ${count} nodes runs. Join it with: --network ${network} --bootstrap ${bootstrap[0]}`,
      );
    }
    await aborted(signal);
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  } finally {
    await Promise.all(nodes.map((node) => node.stop(STOP_TIMEOUT_MS)));
    await bootstrapper.stop();
    if (given === undefined) rmSync(directory, { recursive: true, force: true });
  }
  return 0;
}

async function startAll(
  nodes: ChildNode[],
  count: number,
  start: (index: number) => ChildNode,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  gaveUp.catch(() => undefined);
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    reject(
      new BroadsideError('unexpected', `the practice network was not ready after ${READY_TIMEOUT_MS / 1000} seconds`),
    );
  }, READY_TIMEOUT_MS);
  try {
    signal.throwIfAborted();
    say(STEPS.nodes(count));
    while (nodes.length < count) {
      const batch: ChildNode[] = [];
      while (nodes.length < count && batch.length < STARTS_AT_ONCE) {
        const node = start(nodes.length);
        nodes.push(node);
        batch.push(node);
      }
      await Promise.race([Promise.all(batch.map((node) => node.listening)), gaveUp]);
    }
    say(STEPS.links);
    await Promise.race([Promise.all(nodes.map((node) => node.linked)), gaveUp]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function publishSamples(
  context: CommandContext,
  directory: string,
  network: string,
  bootstrap: readonly string[],
): Promise<{ title: string; link: string }[]> {
  context.output.say(STEPS.samples);
  const { makeSamples } = await import('../samples/samples.ts');
  const { publishAll } = await import('../publish-all.ts');
  return publishAll(makeSamples(join(directory, 'files')), {
    directory: join(directory, 'publisher'),
    network,
    bootstrap,
    output: context.output,
    signal: context.signal,
    onDefect: context.onDefect,
  });
}
