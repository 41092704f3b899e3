/**
 * Every write of every file that the program keeps fails in turn, with a full disk and with a broken one: what node:fs is asked for, here;
 * those of SQLite and of threads, and these again as the system sees them, in test/integration/faults.test.ts and `npm run soak -- faults`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DOWNLOAD_SCENARIOS } from '../../support/fault-downloads.ts';
import { FILE_SCENARIOS } from '../../support/fault-files.ts';
import { NodeFaults } from '../../support/fault-node.ts';
import { runScenario } from '../../support/fault-run.ts';

/** Of a writer with more than these, so many evenly spread are tried here, and all in soak. */
const MOST = 24;
const MOST_OF_SLOW = 2;

describe('writes of files that fail in turn', () => {
  let root = '';
  let faults: NodeFaults;
  before(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'broadside-faults-')));
    faults = await NodeFaults.install(root);
  });
  after(() => {
    faults.restore();
    rmSync(root, { recursive: true, force: true });
  });

  for (const scenario of [...FILE_SCENARIOS, ...DOWNLOAD_SCENARIOS].filter(({ isNative }) => !isNative)) {
    it(scenario.name, async (context) => {
      const problems: string[] = [];
      const counts = await runScenario(scenario, faults, join(root, 'scenario'), {
        most: scenario.isSlow === true ? MOST_OF_SLOW : MOST,
        onProblem: (where, problem) =>
          problems.push(`${where}: ${problem instanceof Error ? problem.message : String(problem)}`),
      });
      assert.deepEqual(problems, []);
      const tried = counts.reduce((sum, count) => sum + count.tried, 0);
      const told = counts.reduce((sum, count) => sum + count.told, 0);
      assert.ok(tried > 0 && (told > 0 || scenario.isQuiet === true), 'nothing failed');
      context.diagnostic(`${tried} writes failed, ${told} of them told`);
    });
  }
});
