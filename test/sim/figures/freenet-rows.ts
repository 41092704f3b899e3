/** Rows of Freenet and Hyphanet: convergence, scaling, tolerance, small world. */
import { metIf, metric, percent } from './row.ts';
import type { Metrics, Row } from './row.ts';

const CLARKE = 'Clarke et al. 2001';
/** "Within some thousand steps". */
const SOME_THOUSAND_STEPS = 5_000;
/** How far a slope may be from that of 1/d to be "about 1/d". Guess. */
const SLOPE_TOLERANCE = 0.2;

const values = (metrics: Metrics, name: string): string =>
  Object.entries((metrics[name] ?? {}) as Record<string, number>)
    .map(([size, value]) => `${Number(size).toLocaleString('en')}: ${value}`)
    .join(', ');

export const FREENET_ROWS = {
  convergence: [
    {
      figure: 'Convergence: median path of 1,000 nodes from a ring lattice in no order on',
      published: `from hundreds to about 6 within some thousand steps (${CLARKE}, 5.1)`,
      target: 'median <= 6, as fast or faster',
      measured: (metrics) =>
        `probes over the links ${metric(metrics, 'probeMedianFirst')} in the first 5 s; requests at 6 or below from ${metrics['secondsToSix'] ?? 'never'} s (${metrics['stepsToSix'] ?? 'no'} steps) on; in the end ${metric(metrics, 'hopsMedianLast')}, ${percent(metric(metrics, 'successLast'))} found`,
      verdict: (metrics) =>
        metIf(metric(metrics, 'hopsMedianLast') <= 6 && metric(metrics, 'stepsToSix') <= SOME_THOUSAND_STEPS),
      apart:
        'stores of 50 as there, but 16 links wanted where Freenet has 250 routing entries, and four copies beside caching; links are made by time here, so a step means 1/40 s; the stem is not counted; failures count as the HTL, 18, there as 500. The published points between the ends are only drawn, so none are beside: as fast is judged as within 5,000 steps.',
    },
    {
      figure: 'The same, ring in the order of the places',
      published: '',
      target: 'median <= 6',
      measured: (metrics) => {
        const ring = metrics['ring'] as Metrics;
        return `probes ${metric(ring, 'probeMedianFirst')} in the first 5 s; at 6 or below from ${ring['secondsToSix'] ?? 'never'} s (${ring['stepsToSix'] ?? 'no'} steps) on; in the end ${metric(ring, 'hopsMedianLast')}`;
      },
      verdict: (metrics) => metIf(metric(metrics['ring'] as Metrics, 'hopsMedianLast') <= 6),
      apart: "the paper's ring is not in the order of its keys.",
    },
  ],
  scaling: [
    {
      figure: 'Scaling: growth of the path with the number of nodes',
      published: `N^0.28 up to 200,000 nodes (${CLARKE}, 5.2)`,
      target: 'exponent < 0.28',
      measured: (metrics) =>
        `N^${metric(metrics, 'exponent')} (r2 ${metric(metrics, 'exponentR2')}); +${metric(metrics, 'hopsPerDoubling')} hops a doubling (r2 ${metric(metrics, 'logarithmR2')}); medians ${values(metrics, 'hopsMedian')}; means ${values(metrics, 'hopsMean')}`,
      verdict: (metrics) => metIf(metric(metrics, 'exponent') < 0.28, metric(metrics, 'largest') >= 10_000),
      apart:
        'the paper grows one network to 200,000; here each size is a network of its own, and the largest is what this page says. The exponent is that of mean paths.',
    },
  ],
  tolerance: [
    {
      figure: 'Fault tolerance: median path, up to 30 % of the nodes failed at random',
      published: `below 20 (${CLARKE}, 5.3)`,
      target: '< 20',
      measured: (metrics) =>
        `${metric(metrics, 'hopsMedianWorstTo30')} at most; success at 30 %: ${percent(metric(metrics, 'successAt30'), 2)} before, ${percent(metric(metrics, 'successAt30AfterRepair'), 2)} after repair`,
      verdict: (metrics) => metIf(metric(metrics, 'hopsMedianWorstTo30') < 20),
      apart:
        'messages here live 18 hops at most and failures count as 18: the median alone could not miss; the success beside it says what the paper does not.',
    },
    {
      figure: 'Success with 10 ... 60 % failed, before repair',
      published: '',
      target: '>= 98 % at 30 %',
      measured: (metrics) =>
        Object.entries(metrics['success'] as Record<string, number>)
          .map(([fraction, share]) => `${percent(Number(fraction), 0)}: ${percent(share)}`)
          .join(', '),
      verdict: (metrics) => metIf(metric(metrics, 'successAt30') >= 0.98),
      apart: 'four failed copies of four cannot be found by anybody: 1 - f^4 is the bound.',
    },
  ],
  smallWorld: [
    {
      figure: 'Small world: link lengths',
      published: '1/d makes greedy routing logarithmic (Kleinberg 2000)',
      target: 'slope about -1',
      measured: (metrics) =>
        `slope ${metric(metrics, 'slope')} (r2 ${metric(metrics, 'slopeR2')}); degree ${metric(metrics, 'degreeMedian')}, p99 ${metric(metrics, 'degreeP99')}`,
      verdict: (metrics) => metIf(Math.abs(metric(metrics, 'slope') + 1) <= SLOPE_TOLERANCE),
      apart: `within ${SLOPE_TOLERANCE} of -1 counts as about, a guess. The paper's degrees follow a power law; here each node wants about 16 links.`,
    },
    {
      figure: 'Hops of a grown network of 1,000, median and p99',
      published: '37 as deployed, below 13 with 1/d links (Roos et al. 2014, 4.2: means)',
      target: '<= 4 and <= 12',
      measured: (metrics) =>
        `${metric(metrics, 'hopsMedian')} and ${metric(metrics, 'hopsP99')}; mean ${metric(metrics, 'hopsMean')}`,
      verdict: (metrics) => metIf(metric(metrics, 'hopsMedian') <= 4 && metric(metrics, 'hopsP99') <= 12),
      apart:
        'Hyphanet was simulated at the size and with the degrees measured then, thousands of nodes, and without neighbours of neighbours.',
    },
  ],
} as const satisfies Record<string, readonly Row[]>;
