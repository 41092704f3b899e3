/**
 * The process in which fault-shim.c makes writes fail: runs scenarios and prints a line of JSON for each count and each problem.
 * Arguments: file of control, root, most writes of each (0: all), names of scenarios (none: all).
 */
import { join } from 'node:path';
import { DATABASE_SCENARIOS } from './fault-databases.ts';
import { DOWNLOAD_SCENARIOS } from './fault-downloads.ts';
import { FILE_SCENARIOS } from './fault-files.ts';
import { runScenario } from './fault-run.ts';
import { ShimFaults } from './fault-shim.ts';

const [control, root, most, ...names] = process.argv.slice(2);
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const describe = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
process.on('unhandledRejection', (thrown) => say({ problem: describe(thrown), where: 'nobody waited for it' }));

const faults = new ShimFaults(control!);
for (const scenario of [...FILE_SCENARIOS, ...DOWNLOAD_SCENARIOS, ...DATABASE_SCENARIOS]) {
  if (names.length > 0 && !names.includes(scenario.name)) continue;
  const counts = await runScenario(scenario, faults, join(root!, scenario.name.replaceAll(' ', '-')), {
    ...(Number(most) > 0 && { most: Number(most) }),
    onProblem: (where, problem) => say({ where, problem: describe(problem) }),
  });
  for (const count of counts) say(count);
}
faults.close();
