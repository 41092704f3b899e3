/** Rows of routing: of the simulator's own page, and what the simulator itself does. */
import { metric } from '../sim/figures/row.ts';
import type { Metrics } from '../sim/figures/row.ts';
import { atLeast, atMost } from './row.ts';
import type { Row } from './row.ts';

const table = 'Routing';

const whole = (metrics: Metrics, name: string): string => metric(metrics, name).toLocaleString('en');
const hours = (metrics: Metrics, name: string): string => (metric(metrics, name) / 3_600).toFixed(1);

export const ROUTING_ROWS: readonly Row[] = [
  {
    id: 'hops',
    table,
    what: 'Greedy hops of a successful request, 1,000 and 10,000 nodes, degree 8 ... 20',
    target: 'median <= 4 / <= 6, p99 <= 12 / <= 16; growth logarithmic; the stem adds a median <= 3',
    measures: [
      { sim: 'hops', figure: 'Greedy hops' },
      { sim: 'hops-10000', figure: 'Greedy hops' },
      { sim: 'scaling', figure: 'Scaling' },
      { sim: 'hops', figure: 'Stem hops' },
    ],
  },
  {
    id: 'success',
    table,
    what: 'Success of requests for stored content, four copies',
    target: '>= 99.5 %; >= 98 % with 30 % of the nodes gone at once, before repair; >= 95 % with 30 % silent',
    measures: [
      { sim: 'hops', figure: 'Success of requests' },
      { sim: 'failures', figure: 'Success with 30 % of the nodes gone' },
      { sim: 'failures-silent', figure: 'Success with 30 % of the nodes silent' },
    ],
  },
  {
    id: 'suppression',
    table,
    what: 'Suppression by chosen locations: identities to hide a (3,10) publication in 10,000 nodes',
    target: 'measured, with the work each costs',
    measures: [
      {
        sim: 'suppression',
        label: 'Identities, and their work in hours of a processor; for an even chance',
        value: (metrics) =>
          `${whole(metrics, 'identities')} in ${hours(metrics, 'workSeconds')} h; ${whole(metrics, 'identitiesHalf')} in ${hours(metrics, 'workSecondsHalf')} h`,
      },
    ],
  },
  {
    id: 'origin',
    table,
    what: 'Origin found by the best estimator, 5 % colluders, one message and bulk',
    target: 'precision <= 10 % and <= 10 %',
    measures: [
      { sim: 'anonymity', figure: 'Origin found' },
      { sim: 'anonymity-bulk', figure: 'The same' },
    ],
  },
  {
    id: 'messages',
    table,
    what: 'Messages of a request, median and p99',
    target: '<= 2 x hops and <= 60',
    measures: [{ sim: 'hops', figure: 'Messages of a request' }],
  },
  {
    id: 'joining',
    table,
    what: 'Time to a good position after joining 10,000 nodes',
    target: '<= 60 simulated seconds, <= 200 messages',
    measures: [
      { sim: 'joining-10000', figure: 'Joining: simulated seconds' },
      { sim: 'joining-10000', figure: 'Joining: messages' },
      { sim: 'joining', figure: 'Joining: simulated seconds', isPart: true },
      { sim: 'joining', figure: 'Joining: messages', isPart: true },
    ],
  },
  {
    id: 'load',
    table,
    what: 'Load of the busiest 1 % of the nodes',
    target: '<= 5x the mean',
    measures: [{ sim: 'hops', figure: 'Load of the busiest' }],
  },
  {
    id: 'flood',
    table,
    what: 'A flood from 5 % of the nodes at their full bandwidth',
    target: 'the others’ success >= 95 %',
    measures: [{ sim: 'flood', figure: 'The others' }],
  },
  {
    id: 'simulator',
    table,
    what: 'Simulator, small blocks, production codecs',
    target: '>= 100,000 events a second a core; 10,000 nodes in <= 8 GiB',
    measures: [
      { run: 'bench-simulator', figure: 'events a second of a core, 1,000 nodes', bound: atLeast(100_000) },
      { run: 'bench-simulator', figure: 'events a second of a core, 10,000 nodes', bound: atLeast(100_000) },
      { run: 'bench-simulator', figure: /^memory of 10,000 nodes/, bound: atMost(8) },
    ],
  },
];
