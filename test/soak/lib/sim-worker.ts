/** One process of `npm run soak -- sim`: gets seeds, runs them one after the other, and tells what came of each. */
import { runSoak } from '../../sim/faults/soak-run.ts';

export interface SeedReport {
  readonly seed: number;
  readonly events: number;
  readonly foundDuring: number;
  readonly violations: readonly string[];
}

process.on('message', (seed: number) => {
  const { events, foundDuring, violations } = runSoak(seed);
  const report: SeedReport = { seed, events, foundDuring, violations };
  process.send?.(report);
});
// Without who asks there is nothing to do.
process.on('disconnect', () => process.exit(0));
