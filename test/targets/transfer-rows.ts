/** Rows of direct transfers. */
import { atLeast, atMost, ratioAtLeast } from './row.ts';
import type { Row } from './row.ts';

const table = 'Direct transfers';

export const TRANSFER_ROWS: readonly Row[] = [
  {
    id: 'one-source-udx',
    table,
    what: 'One source, 1 GiB, over Hyperswarm’s UDX',
    target: '>= 80 % of the raw stream in the same run',
    measures: [
      {
        run: 'bench-transfers',
        figure: /^\d+ MiB from one source, UDX alone$/,
        beside: 'one raw stream',
        bound: ratioAtLeast(0.8),
      },
    ],
  },
  {
    id: 'one-source-tcp',
    table,
    what: 'One source, 512 MiB, where TCP reaches',
    target: '>= 1.5x WebTorrent in the same run',
    measures: [
      { run: 'bench-transfers', figure: /^\d+ MiB from one source$/, beside: 'WebTorrent', bound: ratioAtLeast(1.5) },
    ],
  },
  {
    id: 'three-sources',
    table,
    what: 'Three sources',
    target: 'faster than WebTorrent',
    measures: [
      { run: 'bench-transfers', figure: /^\d+ MiB from 3 sources$/, beside: 'WebTorrent', bound: ratioAtLeast(1) },
    ],
  },
  {
    id: 'slow-links',
    table,
    what: 'Links of 50 ms and 1 % loss',
    target: '>= 2x WebTorrent',
    measures: [
      {
        run: 'bench-transfers',
        figure: /^\d+ MiB, 50 ms and 1 % loss, /,
        beside: 'WebTorrent',
        bound: ratioAtLeast(2),
      },
    ],
  },
  {
    id: 'transfer-memory',
    table,
    what: 'Memory of either end while 10 GiB are moved',
    target: '<= 150 MiB above idle, flat',
    measures: [
      { run: 'soak-transfers', figure: /^memory of (reader|dying): most above idle$/, bound: atMost(150) },
      { run: 'soak-transfers', figure: /^memory of (reader|dying): growth at the end$/, bound: atMost(10) },
    ],
  },
  {
    id: 'small-file',
    table,
    what: 'First byte of a small file, cold, link in hand',
    target: '<= 3 round trips from a found source; <= 50 ms here',
    measures: [
      { run: 'bench-small-file', figure: /^a file of 10 KB, source known/, bound: atMost(50) },
      { run: 'bench-small-file', figure: /^a file of 10 KB, source found/ },
    ],
  },
  {
    id: 'dying-source',
    table,
    what: 'A source dies, lies or stalls',
    target: 'noticed in <= 8 s; the others’ rate unharmed meanwhile',
    measures: [
      { run: 'soak-transfers', figure: 'a dead source noticed after', bound: atMost(8), isPart: true },
      { run: 'soak-transfers', figure: 'stored twice', bound: atMost(0), isPart: true },
      {
        test: 'test/integration/transfers.test.ts',
        label: 'a source that lies is banned, one that stalls is replaced',
      },
    ],
  },
  {
    id: 'hashing',
    table,
    what: 'Hashing of shares',
    target: '>= 400 MiB/s a core',
    measures: [{ run: 'bench-shares', figure: /^a file of \d+ MiB, read and hashed$/, bound: atLeast(400) }],
  },
  {
    id: 'unchanged-tree',
    table,
    what: 'An unchanged tree of 100,000 files is checked again',
    target: '<= 5 s',
    measures: [
      { run: 'bench-shares', figure: 'looked at again, nothing changed', bound: atMost(5) },
      { run: 'bench-shares', figure: 'known and looked at after a restart', bound: atMost(5) },
    ],
  },
];
