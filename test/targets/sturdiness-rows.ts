/** Rows of sturdiness, and of speed inside a node (issue 8, "Speed"). */
import { atLeast, atMost, ratioAtLeast } from './row.ts';
import type { Row } from './row.ts';

const table = 'Sturdiness';
const inside = 'Speed inside';

export const STURDINESS_ROWS: readonly Row[] = [
  {
    id: 'kills',
    table,
    what: 'kill -9 at random moments of publishing, storing, downloading, updating: 1,000 times',
    target: 'nothing acknowledged lost; the store opens in <= 2 s',
    measures: [
      { run: 'soak-kills', figure: 'kills', bound: atLeast(1_000) },
      { run: 'soak-kills', figure: 'slowest opening of the store, on the clock', bound: atMost(2_000) },
      { run: 'soak-store-kill', figure: 'kills', bound: atLeast(1_000), isPart: true },
      { run: 'soak-store-kill', figure: 'files damaged on purpose', bound: atLeast(1_000), isPart: true },
      { run: 'soak-store-kill', figure: 'tests that failed', bound: atMost(0), isPart: true },
      { run: 'soak-network', figure: 'nodes killed', isPart: true },
      { run: 'soak-network', figure: 'violations', bound: atMost(0), isPart: true },
      { run: 'soak-transfers', figure: 'stored twice', bound: atMost(0), isPart: true },
      { run: 'soak-large', figure: 'blocks sent again', bound: atMost(96), isPart: true },
      { test: 'test/integration/search-kill.test.ts', label: 'a hub’s index' },
    ],
  },
  {
    id: 'disk-full',
    table,
    what: 'Disk full, at every write in turn',
    target: 'a clear error, no corruption, goes on when there is room',
    measures: [
      { run: 'soak-faults', figure: 'writes that failed' },
      { run: 'soak-faults', figure: 'problems', bound: atMost(0) },
      { test: 'test/unit/storage/sqlite-block-store.test.ts', label: 'the store answers full, and goes on' },
      { test: 'test/unit/storage/files.test.ts', label: 'files' },
    ],
  },
  {
    id: 'fuzzing',
    table,
    what: 'Decoders: fuzzing',
    target: '>= 10 million inputs each without crash, hang, or allocation beyond its bound',
    measures: [
      { run: 'soak-fuzz', figure: 'inputs of quick readers, least', bound: atLeast(10_000_000) },
      { run: 'soak-fuzz', figure: 'readers', isPart: true },
      { run: 'soak-fuzz', figure: 'readers left out', bound: atMost(0) },
      { run: 'soak-fuzz', figure: 'readers with a finding', bound: atMost(0) },
      { run: 'soak-fuzz', figure: 'slowest input' },
      { run: 'soak-fuzz-edges', figure: /: findings$/, bound: atMost(0), isPart: true },
    ],
  },
  {
    id: 'simulator-soak',
    table,
    what: 'Simulator under random faults',
    target: '10,000 seeds without a checker’s complaint',
    measures: [
      { run: 'soak-sim', figure: 'seeds', bound: atLeast(10_000) },
      { run: 'soak-sim', figure: 'seeds with complaints', bound: atMost(0) },
    ],
  },
  {
    id: 'hostile-peers',
    table,
    what: 'Hostile peer at full speed',
    target: 'the node’s memory flat, other links’ success >= 95 %',
    measures: [
      { run: 'soak-hostile', figure: 'kinds of hostile peers' },
      { run: 'soak-hostile', figure: 'kinds that broke a bound', bound: atMost(0) },
      { run: 'soak-hostile', figure: 'honest gets that succeeded', bound: atLeast(95) },
      { run: 'soak-hostile', figure: /^memory: most above/ },
      { test: 'test/integration/hostile-nodes.test.ts', label: 'content comes back right' },
    ],
  },
  {
    id: 'hostile-documents',
    table,
    what: 'Hostile documents, 100 cases and more',
    target: 'no script run, no request leaves',
    measures: [{ test: 'test/integration/hostile-content.test.ts', label: 'opened in Chromium beside a canary' }],
  },
  {
    id: 'event-loop',
    table: inside,
    what: 'Event loop of a node that publishes, gets, loads, passes on',
    target: 'never blocked over 20 ms at p99 (issue 8)',
    measures: [
      { run: 'bench-event-loop', figure: /: delay, p99$/, bound: atMost(20) },
      { run: 'bench-event-loop', figure: /: work between two looks at timers, p99$/, bound: atMost(20), isPart: true },
      { run: 'bench-event-loop', figure: /: longest turn of its own$/ },
      { run: 'soak-hostile', figure: /^event loop, own work at p99: most/, bound: atMost(50), isPart: true },
    ],
  },
  {
    id: 'link',
    table: inside,
    what: 'One link beside the raw stream that it goes over',
    target: '>= 80 % of it',
    measures: [{ run: 'bench-transport', figure: /^one link/, bound: ratioAtLeast(0.8) }],
  },
  {
    id: 'store',
    table: inside,
    what: 'Block store beside SQLite itself',
    target: 'measured',
    measures: [{ run: 'bench-store', figure: /^(puts|gets), / }],
  },
  {
    id: 'coding',
    table: inside,
    what: 'Check blocks, 128 + 64',
    target: '370 MiB/s encode, 310 decode (limits of the targets)',
    measures: [
      { run: 'bench-coding', figure: 'check blocks made, 128 + 64', bound: atLeast(370) },
      { run: 'bench-coding', figure: 'segment brought back, 64 lost', bound: atLeast(310) },
    ],
  },
  {
    id: 'stamps',
    table: inside,
    what: 'Stamps',
    target: 'measured',
    measures: [{ run: 'bench-stamps', figure: /^(tries of one thread|check of a stamp)$/ }],
  },
];
