/** Rows of search. */
import { atLeast, atMost } from './row.ts';
import type { Row } from './row.ts';

const table = 'Search';

export const SEARCH_ROWS: readonly Row[] = [
  {
    id: 'hub',
    table,
    what: 'A hub with 1.26 million entries of 5,600 leaves, ranking included',
    target: '<= 600 MiB; ready in <= 5 s after a restart; >= 500 queries a second; p99 <= 20 ms at half load',
    measures: [
      { run: 'bench-hub', figure: 'entries', bound: atLeast(1_260_000) },
      { run: 'bench-hub', figure: 'memory, at most', bound: atMost(600) },
      { run: 'bench-hub', figure: 'ready after kill -9', bound: atMost(5) },
      { run: 'bench-hub', figure: 'queries', bound: atLeast(500) },
      { run: 'bench-hub', figure: 'a query at 250/s, p99', bound: atMost(20) },
      { run: 'bench-hub', figure: 'a query at 250/s, while lists change, p99', bound: atMost(20) },
    ],
  },
  {
    id: 'first-hit',
    table,
    what: 'Words to the first hit and to 95 % of the hits, practice network of 40',
    target: '<= 50 ms and <= 500 ms here; + 4 link latencies on a delayed network',
    measures: [
      { run: 'soak-search', figure: 'all hubs there: words to first hit, median', bound: atMost(50) },
      { run: 'soak-search', figure: 'all hubs there: to 95 % of the hits, median', bound: atMost(500) },
      { run: 'bench-search', figure: 'words to first hit, median', bound: atMost(50), isPart: true },
      { run: 'bench-search', figure: 'words to 95 % of the hits, median', bound: atMost(500), isPart: true },
    ],
  },
  {
    id: 'recall',
    table,
    what: 'Recall against messages, 1,000 and 10,000 nodes',
    target: '>= 95 % of distinct content at <= 100 messages; one copy >= 90 % at <= 300',
    measures: [
      { sim: 'search', figure: 'Search among hubs' },
      { sim: 'search', figure: 'The same, contents with one copy' },
      { sim: 'search-10000', figure: 'Search among hubs' },
      { sim: 'search-10000', figure: 'The same, contents with one copy' },
      { run: 'soak-search', figure: 'all hubs there: recall', bound: atLeast(95), isPart: true },
      { run: 'soak-search', figure: 'hubs killed: recall', bound: atLeast(95), isPart: true },
    ],
  },
  {
    id: 'nothing',
    table,
    what: 'A query that matches nothing',
    target: '<= 300 messages, and it ends by itself in <= 10 s',
    measures: [
      { sim: 'search', figure: 'The same, queries that match nothing' },
      { run: 'soak-search', figure: 'all hubs there: messages a query, most', bound: atMost(300) },
      { run: 'soak-search', figure: 'all hubs there: to the end, nothing fits, p95', bound: atMost(10_000) },
    ],
  },
  {
    id: 'upkeep',
    table,
    what: 'A leaf’s upkeep with 1,000 shared files',
    target: '<= 300 B/s',
    measures: [
      { sim: 'search-upkeep', figure: 'Upkeep of a leaf' },
      { sim: 'search', figure: 'The same, upkeep of a leaf', isPart: true },
    ],
  },
];
