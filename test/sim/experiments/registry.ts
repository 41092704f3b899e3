/** The experiments that `npm run sim` knows, in the order of the list. */
import type { Experiment } from '../experiment.ts';
import { anonymity } from './anonymity.ts';
import { availability } from './availability.ts';
import { congestion } from './congestion.ts';
import { convergence } from './convergence.ts';
import { failures } from './failures.ts';
import { falseCopies } from './false-copies.ts';
import { flood } from './flood.ts';
import { hops } from './hops.ts';
import { joining } from './joining.ts';
import { scaling } from './scaling.ts';
import { search } from './search.ts';
import { smallWorld } from './small-world.ts';
import { soak } from './soak.ts';
import { suppression } from './suppression.ts';
import { tolerance } from './tolerance.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  hops,
  failures,
  flood,
  congestion,
  falseCopies,
  soak,
  convergence,
  scaling,
  tolerance,
  smallWorld,
  joining,
  availability,
  anonymity,
  suppression,
  search,
];
