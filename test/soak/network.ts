/**
 * A practice network of forty real processes under work while its nodes are killed at random and come back.
 * Run: npm run soak -- network [--minutes 10] [--nodes 40] [--seed NUMBER] [--json]
 *
 * Prints the seed of what was decided, a table, and every violation; ends with 1 when there is one. What processes do in
 * time does not repeat itself; whom it kills and what it asks for does. A node takes some 130 MiB.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { median, percentile, Report } from '../bench/lib/report.ts';
import { runChurn } from '../support/churn.ts';
import type { ChurnOutcome } from '../support/churn.ts';

/** How long a node lives from one kill to the next, on average: a network in which nobody stays for long, hundreds of times over. */
const NODE_LIVES_MS = 150_000;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    nodes: { type: 'string', default: '40' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    json: { type: 'boolean' },
  },
});
const [minutes, nodes, seed] = [Number(values.minutes), Number(values.nodes), Number(values.seed)];
if (!(minutes > 0) || !Number.isInteger(nodes) || nodes < 4 || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write('--minutes is above 0, --nodes a whole number from 4, --seed a whole number from 0.\n');
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
say(`seed ${seed}`);
const outcome = await runChurn({
  nodes,
  seconds: minutes * 60,
  seed,
  killEveryMs: NODE_LIVES_MS / nodes,
  mostDown: Math.max(1, Math.floor(nodes / 5)),
  workers: 3,
  sampledNodes: 4,
  mostPublications: 60,
  say,
});
print(outcome);
for (const violation of outcome.violations) say(`VIOLATION: ${violation}`);
say(`${outcome.violations.length} violations with seed ${seed}`);
process.exitCode = outcome.violations.length === 0 ? 0 : 1;

function print({
  deeds,
  publications,
  kills,
  linkedAgainMs,
  mostMemoryMib,
  mostLinks,
  recoveryMs,
  violations,
}: ChurnOutcome): void {
  const report = new Report('soak network');
  report.add({ name: 'nodes killed', value: kills, unit: 'times' });
  report.add({ name: 'publications acknowledged', value: publications, unit: 'in all' });
  for (const action of new Set(deeds.map((deed) => deed.action))) {
    const all = deeds.filter((deed) => deed.action === action);
    const times = all.filter(({ outcome: end }) => end === 'done').map(({ ms }) => ms);
    report.add({ name: `${action}: median of those done`, value: median(times), unit: 'ms' });
    report.add({ name: `${action}: 99th of 100`, value: percentile(times, 0.99), unit: 'ms' });
    for (const end of new Set(all.map(({ outcome: each }) => each))) {
      const count = all.filter(({ outcome: each }) => each === end).length;
      report.add({ name: `${action}: ${end}`, value: count, unit: `of ${all.length}` });
    }
  }
  report.add({ name: 'killed, and linked again: median', value: median(linkedAgainMs), unit: 'ms' });
  report.add({ name: 'killed, and linked again: longest', value: Math.max(0, ...linkedAgainMs), unit: 'ms' });
  report.add({ name: 'most memory of a node', value: mostMemoryMib, unit: 'MiB' });
  report.add({ name: 'most links of a node', value: mostLinks, unit: 'links' });
  report.add({ name: 'after the killing: all read', value: recoveryMs / 1_000, unit: 's' });
  report.add({ name: 'violations', value: violations.length, unit: 'in all', target: '0' });
  report.print();
}
