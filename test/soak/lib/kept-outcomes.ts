/** Outcomes of a long run in a file, one added as it comes, so that the run can be made in pieces and goes on where it was ended. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { KindOutcome } from '../../hostile/peer-scene.ts';

/** With the load of the machine when it had ended. */
export interface KeptOutcome extends KindOutcome {
  readonly load: number;
}

export interface KeptRun {
  readonly seed: number;
  readonly seconds: number;
  readonly machine: string;
  readonly outcomes: readonly KeptOutcome[];
}

export class KeptOutcomes {
  readonly #path: string | undefined;
  #run: KeptRun;

  /** Without a path nothing outlasts the process. Throws where the file is of another run. */
  constructor(path: string | undefined, begun: Omit<KeptRun, 'outcomes'>) {
    this.#path = path;
    this.#run = { ...begun, outcomes: [] };
    if (path === undefined || !existsSync(path)) return;
    const kept = JSON.parse(readFileSync(path, 'utf8')) as KeptRun;
    const isSame = kept.seed === begun.seed && kept.seconds === begun.seconds && kept.machine === begun.machine;
    if (!isSame)
      throw new Error(
        `${path} has outcomes of another seed, time or machine: ${kept.seed}, ${kept.seconds} s, ${kept.machine}`,
      );
    this.#run = kept;
  }

  get outcomes(): readonly KeptOutcome[] {
    return this.#run.outcomes;
  }

  of(kind: string): KeptOutcome | undefined {
    return this.#run.outcomes.find((outcome) => outcome.kind === kind);
  }

  add(outcome: KeptOutcome): void {
    const others = this.#run.outcomes.filter(({ kind }) => kind !== outcome.kind);
    this.#run = { ...this.#run, outcomes: [...others, outcome] };
    if (this.#path === undefined) return;
    writeFileSync(`${this.#path}.part`, `${JSON.stringify(this.#run, undefined, 2)}\n`);
    renameSync(`${this.#path}.part`, this.#path);
  }
}
