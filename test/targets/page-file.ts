/** Where the page of targets lies, what it is made from, and writing it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { KeptRun as SimRun } from '../sim/figures/page.ts';
import { projectRoot } from '../support/project-root.ts';
import { readRun } from './kept-run.ts';
import { pageOf } from './page.ts';
import { readRemarks } from './remarks.ts';
import { RUN_IDS } from './runs.ts';

export const TARGETS_DIRECTORY = join(projectRoot, 'docs', 'results', 'targets');
const SIM_DIRECTORY = join(projectRoot, 'docs', 'results', 'sim');
/** Beside the figures, written by hand. */
const REMARKS = 'remarks.md';

/** The page as the figures and remarks of a directory make it. */
export function madePage(directory = TARGETS_DIRECTORY): string {
  const runs = new Map(
    RUN_IDS.flatMap((id) => {
      const run = readRun(directory, id);
      return run === undefined ? [] : [[id, run] as const];
    }),
  );
  const simRuns = new Map(
    readdirSync(SIM_DIRECTORY)
      .filter((name) => name.endsWith('.json'))
      .map((name) => [name.slice(0, -5), JSON.parse(readFileSync(join(SIM_DIRECTORY, name), 'utf8')) as SimRun]),
  );
  const remarks = join(directory, REMARKS);
  return pageOf({ runs, simRuns, remarks: readRemarks(existsSync(remarks) ? readFileSync(remarks, 'utf8') : '') });
}

/** Beside the directory and named like it; its path. */
export function writePage(directory = TARGETS_DIRECTORY): string {
  const path = pagePath(directory);
  writeFileSync(path, madePage(directory));
  return path;
}

export function pagePath(directory = TARGETS_DIRECTORY): string {
  return join(dirname(directory), 'targets.md');
}
