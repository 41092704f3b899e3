/** The estimators, in the order of the tables. */
import { bayes } from './bayes.ts';
import { counting } from './counting.ts';
import type { Estimator } from './estimator.ts';
import { firstSpy } from './first-spy.ts';
import { idTrail } from './id-trail.ts';
import { predecessor } from './predecessor.ts';
import { timing } from './timing.ts';
import { topHtl } from './top-htl.ts';

export const ESTIMATORS: readonly Estimator[] = [firstSpy, counting, topHtl, idTrail, predecessor, bayes, timing];
