/**
 * Every write of everything that the program keeps fails in turn, once as on a full disk and once as on a broken one: those of SQLite and of
 * threads too, by a library that is loaded before the C library (test/support/fault-shim.c; Linux with a C compiler). After each: what it
 * said, that what was there is whole, that it goes on, and that nothing is left.
 * Run: npm run soak -- faults [--most N] [--only 'block store'] [--json]
 *
 * --most tries so many of each writer's writes, evenly spread, instead of all. Ends with 1 when something is not as it must be.
 */
import { parseArgs } from 'node:util';
import { Report } from '../bench/lib/report.ts';
import { runShimmed } from '../support/fault-shimmed.ts';

const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '0' },
    only: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean' },
  },
});
const most = Number(values.most);
if (!Number.isInteger(most) || most < 0) {
  process.stderr.write('--most takes a whole number; 0 is all.\n');
  process.exit(2);
}
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const report = new Report('soak faults');
let [tried, told, problems] = [0, 0, 0];
const startedMs = performance.now();
const outcome = await runShimmed(most, values.only, {
  onCount(count) {
    tried += count.tried;
    told += count.told;
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
    say(
      `${seconds} s: ${count.scenario}, ${count.phase}, ${count.kind}: ${count.tried} of ${count.writes} writes, ${count.told} told`,
    );
    report.add({ name: `${count.scenario}, ${count.phase}, ${count.kind}`, value: count.tried, unit: 'writes' });
  },
  onProblem(where, problem) {
    problems += 1;
    say(`FAILED: ${where}: ${problem}`);
  },
});
if (outcome !== undefined) {
  say(outcome);
  process.exit(1);
}
report.add({ name: 'writes that failed', value: tried, unit: '' });
report.add({ name: 'of them told to who asked', value: told, unit: '' });
report.add({ name: 'problems', value: problems, unit: '', target: '0' });
report.print();
process.exitCode = problems === 0 ? 0 : 1;
