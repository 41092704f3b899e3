/** Rows of search: Broadside's targets, and what was published of Gnutella's kind. */
import { metIf, metric, percent } from './row.ts';
import type { Metrics, Row } from './row.ts';

/** Published figures of Gnutella's kind, as the design has them. */
const PUBLISHED_FLOOD = '98 % at 13,379 messages, 1,000 peers';
const PUBLISHED_RANDOM = '9 % at 20 messages';
const PUBLISHED_OVERLAY = 'best semantic overlay: 76 % at 313 messages';

function recallAt(metrics: Metrics): string {
  return `${percent(metric(metrics, 'recall'))} at ${metric(metrics, 'messagesMedian')} (median), ${metric(metrics, 'messagesP99')} (p99)`;
}

function rowsOf(nodes: string, isWhole: boolean): readonly Row[] {
  return [
    {
      figure: `Search among hubs, ${nodes} nodes: recall of distinct contents, messages`,
      published: PUBLISHED_OVERLAY,
      target: '>= 95 % at <= 100 messages',
      measured: recallAt,
      verdict: (metrics) =>
        metIf(metric(metrics, 'recall') >= 0.95 && metric(metrics, 'messagesMedian') <= 100, isWhole),
      apart:
        'the published networks had other contents and queries; messages here are all that is sent on the channel, answers included, at the median.',
    },
    {
      figure: `The same, contents with one copy: recall, most messages`,
      published: '',
      target: '>= 90 % at <= 300 messages',
      measured: (metrics) => `${percent(metric(metrics, 'rareRecall'))} at ${metric(metrics, 'messagesMaxRare')}`,
      verdict: (metrics) =>
        metIf(metric(metrics, 'rareRecall') >= 0.9 && metric(metrics, 'messagesMaxRare') <= 300, isWhole),
    },
    {
      figure: `The same, queries that match nothing: most messages, longest time`,
      published: '',
      target: '<= 300 messages and <= 10 s',
      measured: (metrics) => `${metric(metrics, 'messagesMaxNothing')} and ${metric(metrics, 'secondsMaxNothing')} s`,
      verdict: (metrics) =>
        metIf(metric(metrics, 'messagesMaxNothing') <= 300 && metric(metrics, 'secondsMaxNothing') <= 10, isWhole),
    },
    {
      figure: `The same, upkeep of a leaf with 40 files, sent and received`,
      published: '',
      target: '<= 300 B/s',
      measured: (metrics) => `${metric(metrics, 'leafUpkeepBytesPerSecond')} B/s`,
      verdict: (metrics) => metIf(metric(metrics, 'leafUpkeepBytesPerSecond') <= 300, false),
      apart:
        'the target speaks of 1,000 files; a list costs its bytes once for each new hub, which is one an hour: 1,000 files are some 20 B/s.',
    },
    {
      figure: `The same, a search each ten minutes: bytes a node and second, upkeep beside it`,
      published: '',
      target: '',
      measured: (metrics) =>
        `${metric(metrics, 'searchBytesPerNodeSecond')} and ${metric(metrics, 'upkeepBytesPerSecond')}`,
    },
  ];
}

function withoutHubs(name: string, published: string): readonly Row[] {
  return [
    { figure: `Without hubs, ${name}, 1,000 nodes: recall, messages`, published, target: '', measured: recallAt },
  ];
}

const UPKEEP_ROWS: readonly Row[] = [
  {
    figure: 'Upkeep of a leaf with 1,000 files in the mean, over an hour, sent and received',
    published: '',
    target: '<= 300 B/s',
    measured: (metrics) => `${metric(metrics, 'leafUpkeepBytesPerSecond')} B/s`,
    verdict: (metrics) => metIf(metric(metrics, 'leafUpkeepBytesPerSecond') <= 300),
  },
];

export const SEARCH_ROWS = {
  hubs: rowsOf('1,000', true),
  hubsOf10000: rowsOf('10,000', true),
  upkeep: UPKEEP_ROWS,
  flood: withoutHubs('flood', PUBLISHED_FLOOD),
  ring: withoutHubs('expanding ring', ''),
  walk: withoutHubs('walkers', PUBLISHED_RANDOM),
} as const;
