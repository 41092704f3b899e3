/** Runs fault scenarios in a process of their own, whose every write can be made to fail (fault-child.ts under fault-shim.c). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FaultCount } from './fault-run.ts';
import { environmentOf, makeShim } from './fault-shim.ts';

export interface FaultListener {
  onCount(count: FaultCount): void;
  onProblem(where: string, problem: string): void;
}

/** `most` writes of each, 0 for all; of scenarios by their names, none for all. Why it could not be done, or undefined. */
export async function runShimmed(
  most: number,
  names: readonly string[],
  listener: FaultListener,
): Promise<string | undefined> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'broadside-shim-')));
  try {
    const made = makeShim(directory);
    if ('problem' in made) return made.problem;
    const [control, root] = [join(directory, 'control'), join(directory, 'root')];
    mkdirSync(root);
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        join(import.meta.dirname, 'fault-child.ts'),
        control,
        root,
        String(most),
        ...names,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], env: environmentOf(made.library, root, control) },
    );
    const closed = once(child, 'close');
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as FaultCount | { where: string; problem: string };
      if ('problem' in said) listener.onProblem(said.where, said.problem);
      else listener.onCount(said);
    }
    const [code] = (await closed) as [number | null];
    return code === 0 ? undefined : `the process under test ended with ${code}`;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Whether there is what it needs here; why not. */
export function shimProblem(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-shim-'));
  try {
    const made = makeShim(directory);
    return 'problem' in made ? made.problem : undefined;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
