/**
 * What the simulator does a second of a core, and what a large network takes of memory: requests in a network of small blocks with the
 * production codecs, each size in a process of its own. Run: npm run bench -- simulator [--nodes 1000,10000] [--requests 2000] [--json]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../support/project-root.ts';
import { Report } from './lib/report.ts';

const SEED = 1;
const TARGET_EVENTS = 100_000;
const TARGET_GIB = 8;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '1000,10000' },
    requests: { type: 'string', default: '2000' },
    json: { type: 'boolean' },
  },
});

const report = new Report('simulator', SEED);
for (const nodes of values.nodes.split(',')) {
  const network = `${Number(nodes).toLocaleString('en')} nodes`;
  process.stderr.write(`${network}\n`);
  const { events, coreSeconds, peakMib } = await run(nodes);
  report.add({
    name: `events a second of a core, ${network}`,
    value: events / coreSeconds,
    unit: '/s',
    beside: { name: 'target', value: TARGET_EVENTS },
    target: '>= 100,000',
  });
  report.add({
    name: `memory of ${network}`,
    value: peakMib / 1_024,
    unit: 'GiB',
    beside: { name: 'limit', value: TARGET_GIB },
    target: '<= 8 with 10,000',
  });
}
report.print();

/** What the simulator says in its last line but one: "N events in S s, C s of processor (...), M MiB at most, ...". */
async function run(nodes: string): Promise<{ events: number; coreSeconds: number; peakMib: number }> {
  const args = ['hops', '--nodes', nodes, '--seed', String(SEED), '--requests', values.requests];
  const child = spawn(process.execPath, [join(projectRoot, 'build', 'bootstrap.mjs'), 'sim', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
  const [code] = (await once(child, 'close')) as [number | null];
  const cost = /([\d,]+) events in [\d.]+ s, ([\d.]+) s of processor .*, (\d+) MiB at most/.exec(told);
  if (code !== 0 || cost === null) throw new Error(`the simulator ended with ${code}`);
  const [, events, coreSeconds, peakMib] = cost.map((text) => Number(text.replaceAll(',', '')));
  return { events: events!, coreSeconds: coreSeconds!, peakMib: peakMib! };
}
