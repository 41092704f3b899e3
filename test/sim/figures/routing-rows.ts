/** Rows of Broadside's own targets for routing. */
import { metIf, metric, percent } from './row.ts';
import type { Row } from './row.ts';

/** Size of the network that the target of joining speaks of. */
const TARGET_NODES = 10_000;

export const ROUTING_ROWS = {
  hops: [
    {
      figure: 'Greedy hops, 1,000 nodes: median and p99',
      published: '',
      target: '<= 4 and <= 12',
      measured: (metrics) => `${metric(metrics, 'hopsMedian')} and ${metric(metrics, 'hopsP99')}`,
      verdict: (metrics) => metIf(metric(metrics, 'hopsMedian') <= 4 && metric(metrics, 'hopsP99') <= 12),
    },
    {
      figure: 'Stem hops, median',
      published: '',
      target: '<= 3',
      measured: (metrics) => String(metric(metrics, 'stemMedian')),
      verdict: (metrics) => metIf(metric(metrics, 'stemMedian') <= 3),
    },
    {
      figure: 'Success of requests for stored content',
      published: '',
      target: '>= 99.5 %',
      measured: (metrics) => percent(metric(metrics, 'success'), 2),
      verdict: (metrics) => metIf(metric(metrics, 'success') >= 0.995),
    },
    {
      figure: 'Messages of a request: median and p99',
      published: '',
      target: '<= 2 x hops and <= 60',
      measured: (metrics) => `${metric(metrics, 'messagesMedian')} and ${metric(metrics, 'messagesP99')}`,
      verdict: (metrics) =>
        metIf(
          metric(metrics, 'messagesMedian') <= 2 * (metric(metrics, 'hopsMedian') + metric(metrics, 'stemMedian')) &&
            metric(metrics, 'messagesP99') <= 60,
        ),
      apart: 'hops of stem and greedy part together, as medians: the median of a sum is not the sum of medians.',
    },
    {
      figure: 'Load of the busiest 1 % of the nodes, over the mean',
      published: '',
      target: '<= 5',
      measured: (metrics) => String(metric(metrics, 'busiestShare')),
      verdict: (metrics) => metIf(metric(metrics, 'busiestShare') <= 5),
    },
  ],
  hopsOf10000: [
    {
      figure: 'Greedy hops, 10,000 nodes: median and p99',
      published: '',
      target: '<= 6 and <= 16',
      measured: (metrics) => `${metric(metrics, 'hopsMedian')} and ${metric(metrics, 'hopsP99')}`,
      verdict: (metrics) => metIf(metric(metrics, 'hopsMedian') <= 6 && metric(metrics, 'hopsP99') <= 16),
    },
  ],
  failures: [
    {
      figure: 'Success with 30 % of the nodes gone at once, before repair',
      published: '',
      target: '>= 98 %',
      measured: (metrics) => percent(metric(metrics, 'success'), 2),
      verdict: (metrics) => metIf(metric(metrics, 'success') >= 0.98),
      apart: 'copies may be handed over by then; tolerance forbids it.',
    },
  ],
  silent: [
    {
      figure: 'Success with 30 % of the nodes silent',
      published: '',
      target: '>= 95 %',
      measured: (metrics) => percent(metric(metrics, 'success'), 2),
      verdict: (metrics) => metIf(metric(metrics, 'success') >= 0.95),
    },
  ],
  flood: [
    {
      figure: "The others' success while 5 % of the nodes flood",
      published: '',
      target: '>= 95 %',
      measured: (metrics) => percent(metric(metrics, 'success'), 2),
      verdict: (metrics) => metIf(metric(metrics, 'success') >= 0.95),
      apart: 'bandwidth and queues are simulated, the time of a processor is not.',
    },
  ],
  anonymity: [
    {
      figure: 'Origin found by the best estimator, 5 % colluders, one message: precision',
      published: '',
      target: '<= 10 %',
      measured: (metrics) => percent(metric(metrics, 'bestPrecision'), 1),
      verdict: (metrics) => metIf(metric(metrics, 'bestPrecision') <= 0.1),
    },
  ],
  anonymityBulk: [
    {
      figure: 'The same, 64 messages of one origin',
      published: '',
      target: '<= 10 % (a publication of 64 MiB)',
      measured: (metrics) => percent(metric(metrics, 'bestPrecision'), 1),
      verdict: (metrics) => metIf(metric(metrics, 'bestPrecision') <= 0.1),
      apart:
        'a publication of 64 MiB has 3,082 messages; after some ten a further one tells little more (docs/THREATS.md).',
    },
  ],
  congestion: [
    {
      figure: 'Copies on slow lines: 98 nodes, 125 to 500 kB/s, 40 operations a second, more than they take',
      published: '',
      target: '',
      measured: (metrics) =>
        `${metric(metrics, 'handOversOfInsert')} hand-overs an insert, ${metric(metrics, 'copiesMean')} copies of a record; ` +
        `${percent(metric(metrics, 'insertsStored'))} of inserts stored, ${percent(metric(metrics, 'requestsFound'))} of requests found`,
    },
  ],
  falseCopies: [
    {
      figure: 'One node in ten says that it stored a copy and keeps nothing: true copies after ten minutes',
      published: '',
      target: '',
      measured: (metrics) =>
        `${metric(metrics, 'copiesLater')}; four of ${percent(metric(metrics, 'withFourLater'))} of the records; ` +
        `${percent(metric(metrics, 'found'), 2)} found when half of the honest nodes have left, one by one`,
    },
  ],
  soak: [
    {
      figure: 'Complaints of the checkers under random faults',
      published: '',
      target: '0 (in 10,000 seeds)',
      measured: (metrics) => `${metric(metrics, 'violations')} in ${metric(metrics, 'seeds')} seeds`,
      verdict: (metrics) => metIf(metric(metrics, 'violations') === 0, metric(metrics, 'seeds') >= 10_000),
      apart: 'as many seeds as stand there; the target is met by 10,000 only.',
    },
  ],
} as const satisfies Record<string, readonly Row[]>;

export const JOINING_ROWS: readonly Row[] = [
  {
    figure: 'Joining: simulated seconds to a good position, median and p95',
    published: '',
    target: '<= 60 (10,000 nodes)',
    measured: (metrics) =>
      `${metrics['secondsToGood'] ?? 'never'} and ${metrics['secondsToGoodP95'] ?? 'never'}; ${percent(metric(metrics, 'goodShare'), 0)} got there within 180 s`,
    verdict: (metrics) => metIf(metric(metrics, 'secondsToGood') <= 60, metric(metrics, 'oldNodes') >= TARGET_NODES),
    apart:
      'the target is for 10,000 nodes; twenty requests as good as those of old nodes are asked for, which alone take 5 s.',
  },
  {
    figure: 'Joining: messages to a good position, median and p95',
    published: '',
    target: '<= 200 (10,000 nodes)',
    measured: (metrics) =>
      `${metric(metrics, 'messagesToGood')} and ${metric(metrics, 'messagesToGoodP95')}, of them ${metric(metrics, 'seekMessages')} of seeks; ${metric(metrics, 'allMessages')} with its requests, relaying and copies`,
    verdict: (metrics) => metIf(metric(metrics, 'messagesToGood') <= 200, metric(metrics, 'oldNodes') >= TARGET_NODES),
    apart:
      'sent and got by the newcomer for its links: hello, proofs, tellings, seeks and their answers, two for a dial.',
  },
];
