/**
 * Words to the first hit and to nearly all of them, between real processes: a practice network that shares files under real words, asked by
 * the contract as the interface asks. Run: npm run bench -- search [--nodes 12] [--files 6000] [--queries 150] [--json]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startProcessNetwork } from '../support/process-network.ts';
import { measureSearch, SharedWords, untilListed } from '../support/searching.ts';
import type { Measured } from '../support/searching.ts';
import { percentile, Report } from './lib/report.ts';

const SEED = 1;
const LEAST_LINKS = 3;
const LISTED_TIMEOUT_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '12' },
    files: { type: 'string', default: '6000' },
    queries: { type: 'string', default: '150' },
    json: { type: 'boolean' },
  },
});
const [nodes, files, queries] = [Number(values.nodes), Number(values.files), Number(values.queries)];
const words = new SharedWords(SEED, files);
const network = await startProcessNetwork(nodes, LEAST_LINKS);
try {
  for (const node of network.nodes) {
    await words.share(node, join(network.directory, `of ${node.name}`), Math.floor(files / nodes));
  }
  await untilListed(words, network.nodes, LISTED_TIMEOUT_MS);
  const measured: Measured[] = [];
  while (measured.length < queries) {
    measured.push(await measureSearch(network.nodes[measured.length % nodes]!, words.draw()));
  }
  const states = await Promise.all(network.nodes.map((node) => node.status()));
  print(measured, states.filter(({ role }) => role === 'hub').length);
} finally {
  await network.stop();
}

function print(measured: readonly Measured[], hubs: number): void {
  const report = new Report('search', SEED);
  const there = (some: readonly (number | undefined)[]): number[] => some.filter((each) => each !== undefined);
  const add = (name: string, some: readonly number[], target?: string): void => {
    for (const [part, label] of [
      [0.5, 'median'],
      [0.95, 'p95'],
      [0.99, 'p99'],
    ] as const) {
      const figure = { name: `${name}, ${label}`, value: percentile(some, part), unit: 'ms' };
      report.add({ ...figure, ...(part === 0.5 && target !== undefined && { target }) });
    }
  };
  const matching = measured.filter(({ recall }) => recall !== undefined);
  const recalls = there(matching.map(({ recall }) => recall));
  report.add({ name: 'nodes', value: nodes, unit: 'processes' });
  report.add({ name: 'hubs among them', value: hubs, unit: '' });
  report.add({ name: 'files shared', value: words.files, unit: '' });
  report.add({ name: 'queries', value: measured.length, unit: '' });
  const recall = (100 * recalls.reduce((sum, each) => sum + each, 0)) / recalls.length;
  report.add({ name: 'recall', value: recall, unit: '%', target: '>= 95' });
  add('words to first hit', there(matching.map(({ firstMs }) => firstMs)), '<= 50');
  add('words to 95 % of the hits', there(matching.map(({ mostMs }) => mostMs)), '<= 500');
  add(
    'words to the end, nothing fits',
    measured.filter((each) => each.recall === undefined).map(({ endMs }) => endMs),
    '<= 10,000',
  );
  report.print();
}
