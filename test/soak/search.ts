/**
 * Search on a practice network of forty real processes, of which some become hubs by themselves, with 100,000 generated files under real
 * words: by the command line and by the contract, while hubs are killed.
 * Run: npm run soak -- search [--nodes 40] [--files 100000] [--queries 200] [--kill 3] [--seed NUMBER] [--json]
 *
 * Prints the seed of the files and queries, and a table; ends with 1 when less than 95 % is found of what is there, or a query does not
 * end. A node takes some 130 MiB, a hub more.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inParallel } from '../../src-main/services/flow/in-parallel.ts';
import { percentile, Report } from '../bench/lib/report.ts';
import { startProcessNetwork } from '../support/process-network.ts';
import type { ProcessNode } from '../support/process-network.ts';
import { LISTED_IN_A_ROW, measureSearch, recallOf, SharedWords, untilListed, WANTED } from '../support/searching.ts';
import type { Measured } from '../support/searching.ts';
import { runCommand } from '../support/spawn.ts';
import { StageProgress } from './lib/stage-progress.ts';

/** Nodes that ask and are not killed. */
const ASKERS = 4;
/** More are made while files are hashed. */
const LEAST_LINKS = 1;
/** Folders that are hashed and listed at the same time. */
const SHARING_AT_ONCE = 4;
/** Searches by the contract at the same time; and of how many one goes by the command line, which takes the start of a process. */
const ASKED_AT_ONCE = 2;
const BY_COMMAND_ONE_IN = 4;
const LISTED_TIMEOUT_MS = 20 * 60_000;
const LEAST_RECALL = 0.95;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '40' },
    files: { type: 'string', default: '100000' },
    queries: { type: 'string', default: '200' },
    kill: { type: 'string', default: '3' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    json: { type: 'boolean' },
  },
});
const [nodes, files, queries, kill, seed] = [values.nodes, values.files, values.queries, values.kill, values.seed].map(
  Number,
) as [number, number, number, number, number];
if (
  ![nodes, files, queries, kill, seed].every(Number.isInteger) ||
  nodes < 2 * ASKERS ||
  files < nodes ||
  queries < 1
) {
  process.stderr.write(`All are whole numbers: --nodes from ${2 * ASKERS}, --files at least one a node.\n`);
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const seconds = (sinceMs: number): number => (performance.now() - sinceMs) / 1_000;
say(`seed ${seed}`);
const words = new SharedWords(seed, files);
const startedMs = performance.now();
const starting = new StageProgress('nodes that run', nodes);
const network = await startProcessNetwork(nodes, LEAST_LINKS, (more) => starting.note(more));
try {
  say(`${nodes} nodes run after ${seconds(startedMs).toFixed(0)} s`);
  const sharedMs = performance.now();
  const perNode = Math.floor(files / nodes);
  const sharing = new StageProgress('files hashed', perNode * nodes);
  await inParallel(network.nodes, SHARING_AT_ONCE, async (node) => {
    await words.share(node, join(network.directory, `of ${node.name}`), perNode);
    sharing.note(perNode);
  });
  const sharingSeconds = seconds(sharedMs);
  say(`${words.files} files are hashed after ${sharingSeconds.toFixed(0)} s`);
  const askers = network.nodes.slice(0, ASKERS);
  const listing = new StageProgress('searches in a row that find a rare file', LISTED_IN_A_ROW);
  const listingSeconds = await untilListed(words, askers, LISTED_TIMEOUT_MS, (inARow) => listing.note(0, inARow));
  const hubsAtFirst = await hubsOf(network.nodes);
  say(`all is found after ${listingSeconds.toFixed(0)} s more; hubs: ${hubsAtFirst.length}`);

  const calm = await askAll(askers, queries, []);
  say('hubs are killed from here on');
  const stricken = await askAll(askers, queries, await victims(kill));
  print({ sharingSeconds, listingSeconds, hubs: hubsAtFirst.length, calm, stricken });
} finally {
  await network.stop();
}

interface Found {
  readonly byContract: readonly Measured[];
  readonly byCommand: readonly (number | undefined)[];
  readonly commandMs: readonly number[];
  readonly failures: number;
  readonly killed: number;
}

async function hubsOf(some: readonly ProcessNode[]): Promise<ProcessNode[]> {
  const running = some.filter(({ isRunning }) => isRunning);
  const states = await Promise.all(running.map((node) => node.status()));
  return running.filter((_, index) => states[index]!.role === 'hub');
}

async function victims(count: number): Promise<ProcessNode[]> {
  const hubs = await hubsOf(network.nodes.slice(ASKERS));
  return hubs.slice(0, count);
}

/** `dying`: killed one after the other, at even distances, while the queries run. */
async function askAll(askers: readonly ProcessNode[], count: number, dying: readonly ProcessNode[]): Promise<Found> {
  const byContract: Measured[] = [];
  const byCommand: (number | undefined)[] = [];
  const commandMs: number[] = [];
  let [failures, killed] = [0, 0];
  const asking = new StageProgress(dying.length === 0 ? 'queries' : 'queries while hubs die', count);
  const numbers = Array.from({ length: count }, (_, number) => number);
  await inParallel(numbers, ASKED_AT_ONCE, async (number) => {
    asking.note(1, Math.max(0, number - 1));
    if (killed < dying.length && number >= ((killed + 0.5) * count) / dying.length) {
      const node = dying[killed]!;
      killed += 1;
      await node.kill();
      say(`${node.name} is killed before query ${number}`);
    }
    const asker = askers[number % askers.length]!;
    const asked = words.draw();
    if (number % BY_COMMAND_ONE_IN !== 0) {
      byContract.push(await measureSearch(asker, asked));
      return;
    }
    const beganMs = performance.now();
    const args = ['search', ...asked.text.split(' '), '--json', '--limit', String(WANTED), '--data', asker.directory];
    const { code, stdout, stderr } = await runCommand(args);
    if (code !== 0) {
      failures += 1;
      say(`${asked.text}: ${stderr}`);
      return;
    }
    commandMs.push(performance.now() - beganMs);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name?: string });
    byCommand.push(
      recallOf(
        asked,
        lines.flatMap(({ name }) => (name === undefined ? [] : [name])),
      ),
    );
  });
  return { byContract, byCommand, commandMs, failures, killed };
}

function print(all: {
  readonly sharingSeconds: number;
  readonly listingSeconds: number;
  readonly hubs: number;
  readonly calm: Found;
  readonly stricken: Found;
}): void {
  const report = new Report('soak search');
  report.add({ name: 'nodes', value: nodes, unit: 'processes' });
  report.add({ name: 'hubs, by themselves', value: all.hubs, unit: 'nodes' });
  report.add({ name: 'files shared', value: words.files, unit: 'files' });
  report.add({ name: 'until they were hashed', value: all.sharingSeconds, unit: 's' });
  report.add({ name: 'and found by others', value: all.listingSeconds, unit: 's' });
  const recalls = [addPhase(report, 'all hubs there', all.calm), addPhase(report, 'hubs killed', all.stricken)];
  report.print();
  const failures = all.calm.failures + all.stricken.failures;
  if (failures > 0 || recalls.some((recall) => recall < LEAST_RECALL)) process.exitCode = 1;
}

/** The mean recall. */
function addPhase(report: Report, phase: string, found: Found): number {
  const { byContract, byCommand, commandMs, failures, killed } = found;
  const there = (some: readonly (number | undefined)[]): number[] => some.filter((each) => each !== undefined);
  const mean = (some: readonly number[]): number => some.reduce((sum, each) => sum + each, 0) / some.length;
  const ms = (name: string, some: readonly number[], target?: string): void => {
    report.add({
      name: `${phase}: ${name}, median`,
      value: percentile(some, 0.5),
      unit: 'ms',
      ...(target && { target }),
    });
    report.add({ name: `${phase}: ${name}, p95`, value: percentile(some, 0.95), unit: 'ms' });
  };
  const recalls = there([...byContract.map(({ recall }) => recall), ...byCommand]);
  const matching = byContract.filter(({ recall }) => recall !== undefined);
  const nothing = byContract.filter(({ recall }) => recall === undefined);
  if (killed > 0) report.add({ name: `${phase}: how many`, value: killed, unit: 'hubs' });
  report.add({ name: `${phase}: queries`, value: byContract.length + byCommand.length + failures, unit: '' });
  report.add({ name: `${phase}: that failed`, value: failures, unit: '' });
  report.add({ name: `${phase}: recall`, value: 100 * mean(recalls), unit: '%', target: '>= 95' });
  report.add({ name: `${phase}: recall by the command line`, value: 100 * mean(there(byCommand)), unit: '%' });
  const complete = recalls.filter((recall) => recall >= LEAST_RECALL).length;
  report.add({ name: `${phase}: queries with 95 % of it`, value: (100 * complete) / recalls.length, unit: '%' });
  ms('words to first hit', there(matching.map(({ firstMs }) => firstMs)), '<= 50 ms');
  ms('to 95 % of the hits', there(matching.map(({ mostMs }) => mostMs)), '<= 500 ms');
  ms(
    'to the end',
    matching.map(({ endMs }) => endMs),
  );
  ms(
    'to the end, nothing fits',
    nothing.map(({ endMs }) => endMs),
    '<= 10 s',
  );
  ms('the command, start to end', commandMs);
  const messages = byContract.map((each) => each.messages);
  report.add({
    name: `${phase}: messages a query, median`,
    value: percentile(messages, 0.5),
    unit: '',
    target: '<= 100',
  });
  report.add({ name: `${phase}: messages a query, most`, value: Math.max(...messages), unit: '', target: '<= 300' });
  return mean(recalls);
}
