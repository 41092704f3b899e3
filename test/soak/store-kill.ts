/**
 * The kill test of the store (test/integration/store-kill.test.ts) at length: a thousand kills and as many damaged files,
 * each a process of its own that is ended in the middle of its work. Takes some quarters of an hour.
 * Run: npm run soak -- store-kill [--kills 1000] [--tears 1000] [--seed NUMBER] [--strict]
 *
 * The seed of a run is in its output; --strict counts opening times on the clock, for a machine that does nothing else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../support/project-root.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    tears: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    strict: { type: 'boolean' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (typeof value !== 'string' || /^[0-9]{1,9}$/.test(value)) continue;
  process.stderr.write(`--${name} takes a whole number.\n`);
  process.exit(2);
}

const child = spawn(
  process.execPath,
  ['--test', '--test-reporter=spec', join(projectRoot, 'test', 'integration', 'store-kill.test.ts')],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      STORE_KILLS: values.kills,
      STORE_TEARS: values.tears,
      ...(values.seed !== undefined && { STORE_SEED: values.seed }),
      ...(values.strict === true && { STORE_STRICT: '1' }),
    },
  },
);
const [code] = (await once(child, 'exit')) as [number | null];
process.exitCode = code ?? 1;
