/**
 * How long a node takes to find its neighbours, as processes on a practice network of twelve: with a fresh data directory and
 * the DHT's bootstrap, and with the bootstrap gone by an invite alone and by what it remembers.
 * Run: npm run bench -- joining [--rounds 5] [--json]
 *
 * Times are from the start of the process. Medians of the rounds; the time until the process listens is beside them, for
 * most of it is that of starting a program on a machine with other things to do.
 */
import { parseArgs } from 'node:util';
import { startProcessNetwork } from '../support/process-network.ts';
import type { ProcessNode } from '../support/process-network.ts';
import { runCommand } from '../support/spawn.ts';
import { median, Report } from './lib/report.ts';

const NODES = 12;
/** What the nodes that join ask for: less than there are, so that it can be reached. */
const TARGET = 8;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean' } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write('--rounds takes a whole number, 1 or more.\n');
  process.exit(2);
}

const report = new Report('joining');
const practice = await startProcessNetwork(NODES, 3);
try {
  await measure('fresh directory, by the bootstrap', async (round) => {
    const node = practice.add(`fresh-${round}`);
    await command(['config', 'set', 'links', String(TARGET), '--data', node.directory]);
    return { node, more: practice.joining };
  });
  const { invite } = await practice.nodes[0]!.client.call('network.invite', null);
  await practice.stopBootstrap();
  await measure('fresh directory, by an invite, no bootstrap', async (round) => {
    const node = practice.add(`invited-${round}`);
    await command(['join', invite, '--data', node.directory]);
    await command(['config', 'set', 'links', String(TARGET), '--data', node.directory]);
    return { node, more: [] };
  });
  // Those of the first rounds, which remember whom they met.
  const remembering = practice.added.filter(({ name }) => name.startsWith('fresh-'));
  await measure('restarted, from what it remembers, no bootstrap', async (round) => {
    return { node: remembering[round % remembering.length]!, more: [] };
  });
} finally {
  await practice.stop();
}
report.print();

/** The nodes are stopped again after each round, so that every round joins the same twelve. */
async function measure(
  what: string,
  prepare: (round: number) => Promise<{ readonly node: ProcessNode; readonly more: readonly string[] }>,
): Promise<void> {
  const times = { listens: [] as number[], one: [] as number[], three: [] as number[], target: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const { node, more } = await prepare(round);
    const startedMs = performance.now();
    await node.start(more);
    times.listens.push(performance.now() - startedMs);
    for (const [name, links] of [
      ['one', 1],
      ['three', 3],
      ['target', TARGET],
    ] as const) {
      await node.untilLinks(links);
      times[name].push(performance.now() - startedMs);
    }
    await node.stop();
  }
  const beside = { name: 'listens after', value: median(times.listens) };
  report.add({ name: `${what}: first link`, value: median(times.one), unit: 'ms', beside });
  report.add({ name: `${what}: three links`, value: median(times.three), unit: 'ms', beside });
  report.add({ name: `${what}: ${TARGET} links, its target`, value: median(times.target), unit: 'ms', beside });
}

async function command(args: readonly string[]): Promise<void> {
  const { code, stderr } = await runCommand([...args, '--quiet']);
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${stderr}`);
}
