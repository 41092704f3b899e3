/**
 * The kill test of the store (test/integration/store-kill.test.ts) at length: a thousand kills and as many damaged files,
 * each a process of its own that is ended in the middle of its work. Takes some quarters of an hour.
 * Run: npm run soak -- store-kill [--kills 1000] [--tears 1000] [--seed NUMBER] [--strict] [--json]
 *
 * The seed of a run is in its output; --strict counts opening times on the clock, for a machine that does nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Report } from '../bench/lib/report.ts';
import { projectRoot } from '../support/project-root.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    tears: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    strict: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (typeof value !== 'string' || /^[0-9]{1,9}$/.test(value)) continue;
  process.stderr.write(`--${name} takes a whole number.\n`);
  process.exit(2);
}

const child = spawn(
  process.execPath,
  [
    '--test',
    // For people, and in a form to read figures from.
    ...['--test-reporter=spec', '--test-reporter-destination=stderr'],
    ...['--test-reporter=tap', '--test-reporter-destination=stdout'],
    join(projectRoot, 'test', 'integration', 'store-kill.test.ts'),
  ],
  {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: {
      ...process.env,
      STORE_KILLS: values.kills,
      STORE_TEARS: values.tears,
      ...(values.seed !== undefined && { STORE_SEED: values.seed }),
      ...(values.strict === true && { STORE_STRICT: '1' }),
    },
  },
);
let told = '';
child.stdout.setEncoding('utf8').on('data', (text: string) => (told += text));
const [code] = (await once(child, 'close')) as [number | null];
const figureIn = (pattern: RegExp): number => Number(pattern.exec(told)?.[1] ?? Number.NaN);
const report = new Report('soak store-kill');
report.add({ name: 'kills', value: Number(values.kills), unit: 'times' });
report.add({ name: 'files damaged on purpose', value: Number(values.tears), unit: 'times' });
report.add({ name: 'tests that failed', value: figureIn(/^# fail (\d+)$/m), unit: 'tests', target: '0' });
const opened = figureIn(/slowest open (\d+) ms/) / 1_000;
report.add({ name: 'slowest opening after a kill', value: opened, unit: 's', target: '<= 2' });
report.print();
process.exitCode = code ?? 1;
