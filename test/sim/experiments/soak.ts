/** Many small networks, each with faults of its own, under all checkers: safety first, then whether they heal. */
import type { Experiment } from '../experiment.ts';
import { runSoak } from '../faults/soak-run.ts';
import { mean, rounded } from '../report/statistics.ts';

/** Complaints of one seed that are shown; the rest can be had by running it alone. */
const SHOWN = 5;

export const soak: Experiment = {
  name: 'soak',
  about: 'networks of 50 to 200 nodes with faults drawn from the seed, checkers on; then they must heal',
  nodes: 200,
  options: {
    seeds: { kind: 'number', about: 'how many, from --seed on', default: 10, min: 1, isWhole: true },
  },
  run(context) {
    const first = context.seed;
    const count = context.number('seeds');
    const runs = [];
    const rows: (string | number)[][] = [];
    const notes = ['The number of nodes is drawn from the seed (50 to 200); --nodes has no effect here.'];
    let violations = 0;
    let firstViolationSeed: number | null = null;
    const foundDuring: number[] = [];
    for (let seed = first; seed < first + count; seed += 1) {
      const run = runSoak(seed);
      runs.push({ traceHash: run.traceHash, events: run.events });
      violations += run.violations.length;
      foundDuring.push(run.foundDuring);
      const { nodes, topology } = run.configuration;
      rows.push([
        seed,
        nodes,
        topology,
        rounded(run.foundDuring, 3),
        `${run.foundAfter} of ${run.askedAfter}`,
        run.violations.length,
      ]);
      if (run.violations.length > 0) {
        firstViolationSeed ??= seed;
        notes.push(`Seed ${seed}: ${run.violations.slice(0, SHOWN).join('\n  ')}`);
        context.say(`seed ${seed}: ${run.violations[0]}`);
      }
      context.say(`${seed - first + 1} of ${count} seeds`);
    }
    if (firstViolationSeed !== null)
      notes.push(`To see it again: npm run sim -- soak --seeds 1 --seed ${firstViolationSeed}`);
    return {
      runs,
      metrics: { seeds: count, violations, firstViolationSeed, foundDuringMean: rounded(mean(foundDuring)) },
      tables: [
        {
          title: 'Runs',
          columns: ['seed', 'nodes', 'topology', 'found during faults', 'found after healing', 'violations'],
          rows,
        },
      ],
      plots: [],
      notes,
      isGood: violations === 0,
    };
  },
};
