/** Rows of publications. */
import { atLeast, atMost, ratioAtLeast } from './row.ts';
import type { Row } from './row.ts';

const table = 'Publications';

export const PUBLICATION_ROWS: readonly Row[] = [
  {
    id: 'get-rate',
    table,
    what: 'Get 64 MiB',
    target: '>= 60 % of raw streams that carry the same bytes over as many links; >= 27 MiB/s (Tahoe-LAFS)',
    measures: [
      { run: 'bench-publications', figure: /^get \d+ MiB$/, bound: ratioAtLeast(0.6) },
      { run: 'bench-publications', figure: /^get \d+ MiB: links that each byte crossed$/ },
      { run: 'bench-publications', figure: /^get \d+ MiB: processor time, all processes$/ },
      { run: 'bench-spine', figure: 'get 64 MiB', bound: atLeast(27) },
    ],
  },
  {
    id: 'publish-rate',
    table,
    what: 'Publish 64 MiB, four copies of each block',
    target: '>= 50 % of raw streams that carry the same bytes over as many links; >= 6 MiB/s',
    measures: [
      { run: 'bench-publications', figure: /^publish \d+ MiB$/, bound: ratioAtLeast(0.5) },
      { run: 'bench-publications', figure: /^publish \d+ MiB: links that each byte crossed$/ },
      { run: 'bench-publications', figure: /^publish \d+ MiB: processor time, all processes$/ },
      { run: 'bench-spine', figure: 'publish 64 MiB', bound: atLeast(6) },
    ],
  },
  {
    id: 'small-document',
    table,
    what: 'A document of 10 KB: publish to link in hand, link to first byte',
    target: '<= 300 ms (Argon2id apart) and <= 50 ms here',
    measures: [
      { run: 'bench-publications', figure: 'publish 10 KB: to link in hand', bound: atMost(300) },
      { run: 'bench-publications', figure: 'open 10 KB: link to first byte', bound: atMost(50) },
    ],
  },
  {
    id: 'small-document-far',
    table,
    what: 'The same on a delayed network',
    target: '<= 6 + 2 link latencies x hops',
    measures: [],
  },
  {
    id: 'publication-memory',
    table,
    what: 'Memory for 1 GiB, either way',
    target: '<= 200 MiB above idle, flat',
    measures: [
      { run: 'soak-spine', figure: /^memory of the (publisher|reader): most above idle$/, bound: atMost(200) },
      { run: 'soak-spine', figure: /^memory of the (publisher|reader): growth in the second half$/, bound: atMost(20) },
      { run: 'bench-publications', figure: /^memory, .*: most above idle$/, bound: atMost(200), isPart: true },
    ],
  },
  {
    id: 'relay',
    table,
    what: 'Processor of a node that only relays',
    target: '>= 60 MiB/s of blocks a core, verification included',
    measures: [
      { run: 'bench-publications', figure: 'relay on a stem', bound: atLeast(60) },
      { run: 'bench-publications', figure: 'relay that keeps copies', bound: atLeast(60) },
      {
        run: 'bench-core',
        figure: 'relay a block, verification included (without the link)',
        bound: atLeast(60),
        isPart: true,
      },
    ],
  },
  {
    id: 'availability',
    table,
    what: 'Availability with 4 copies, f of the nodes failed at once, no repair',
    target: 'within 1 % of the binomial, shares and blocks of a file of 10 MiB; f = 50 %: >= 99 % read, 3 of 10',
    measures: [
      { sim: 'availability', figure: 'Availability, 3 of 10' },
      { sim: 'availability', figure: 'Availability, blocks of a file' },
      { sim: 'availability', figure: 'The same by where the copies are' },
      { run: 'soak-availability', figure: /^3 of 10: publications read/, isPart: true },
      { run: 'soak-availability', figure: /^3 of 10: shares that answered/, isPart: true },
    ],
  },
  {
    id: 'update-seen',
    table,
    what: 'An update is seen by a reader that has the old edition cached',
    target: 'at once when any honest holder of the new slot answers',
    measures: [
      { test: 'test/integration/editions.test.ts', label: 'read by the first link after each update' },
      { test: 'test/unit/routing/stale-slots.test.ts', label: 'a newer slot goes before an older one' },
    ],
  },
  {
    id: 'slow-nodes',
    table,
    what: 'Get while one node in ten is slow',
    target: 'faster with slow blocks made of others than waited for (not in the targets)',
    measures: [{ run: 'bench-publications', figure: /^get 8 MiB, .* slow: hedged$/, bound: ratioAtLeast(1) }],
  },
  {
    id: 'large-file',
    table,
    what: 'A file of 1 GiB, publisher and reader killed half-way, three nodes in ten dying',
    target: 'whole; at most 96 blocks and 32 MiB again (not in the targets)',
    measures: [
      { run: 'soak-large', figure: 'blocks sent again', bound: atMost(96) },
      { run: 'soak-large', figure: 'fetched again', bound: atMost(32) },
      { run: 'soak-large', figure: /^memory of the (publisher|reader): most above idle$/, bound: atMost(200) },
    ],
  },
];
