/** Rows of the desktop and the node. */
import { atMost } from './row.ts';
import type { Row } from './row.ts';

const table = 'Desktop and node';

export const DESKTOP_ROWS: readonly Row[] = [
  {
    id: 'start',
    table,
    what: 'Start to usable interface (headless, warm), to first neighbour',
    target: '<= 1 s, <= 2 s',
    measures: [
      { run: 'bench-interface', figure: 'start of the daemon to usable interface, median', bound: atMost(1_000) },
      { run: 'bench-desktop', figure: 'daemon: start to the first answer of a call', bound: atMost(1_000) },
      { run: 'bench-desktop', figure: 'daemon: start to the first neighbour', bound: atMost(2_000) },
      {
        run: 'bench-joining',
        figure: 'restarted, from what it remembers, no bootstrap: first link',
        bound: atMost(2_000),
      },
      { run: 'bench-joining', figure: 'fresh directory, by the bootstrap: first link', bound: atMost(2_000) },
    ],
  },
  {
    id: 'idle',
    table,
    what: 'Idle with 20 neighbours, interface closed and any view open',
    target: '<= 1 % and <= 3 % of a core, <= 2 KB/s, <= 150 MiB resident',
    measures: [
      { run: 'bench-network-view', figure: 'no window: daemon', bound: atMost(1) },
      { run: 'bench-network-view', figure: /^(home|network): daemon$/, bound: atMost(3) },
      { run: 'bench-network-view', figure: /^(home|network): browser, renderer$/, bound: atMost(3) },
      { run: 'bench-network-view', figure: 'no window: traffic, both ways', bound: atMost(2) },
      { run: 'bench-network-view', figure: 'no window: memory of the daemon', bound: atMost(150) },
    ],
  },
  {
    id: 'first-load',
    table,
    what: 'Interface, first load',
    target: '<= 200 KB of script compressed',
    measures: [{ run: 'bench-desktop', figure: /^script of the first load, (gzip|brotli)$/, bound: atMost(200) }],
  },
  {
    id: 'web-vitals',
    table,
    what: 'What the first load shows, and whether it moves',
    target: 'largest paint <= 2.5 s, layout shift <= 0.1 (what is called good; issue 8, “first paint”)',
    measures: [
      { run: 'bench-interface', figure: 'first load: first contentful paint, median' },
      { run: 'bench-interface', figure: 'first load: largest contentful paint, median', bound: atMost(2_500) },
      { run: 'bench-interface', figure: 'first load: cumulative layout shift, median', bound: atMost(0.1) },
    ],
  },
  {
    id: 'interaction',
    table,
    what: 'Interaction to paint with 10,000 rows',
    target: '<= 100 ms',
    measures: [
      { run: 'bench-desktop', figure: /: worst of \d+$/, bound: atMost(100) },
      { run: 'bench-interface', figure: /^library of [\d,]+ rows: .*, worst of/, bound: atMost(100) },
    ],
  },
  {
    id: 'interface-memory',
    table,
    what: 'Memory of the interface while updates come at full rate',
    target: 'flat for an hour (issue 8)',
    measures: [
      { run: 'soak-interface', figure: 'heap after collection: growth in the second half', bound: atMost(2) },
      { run: 'soak-interface', figure: 'nodes of the document: growth in the second half', bound: atMost(500) },
      { run: 'soak-interface', figure: 'heap after collection, at the end' },
    ],
  },
  {
    id: 'delete-and-unshare',
    table,
    what: 'Delete and unshare',
    target: 'disk is free again in <= 10 s',
    measures: [
      { run: 'bench-deleting', figure: /disk free again after$/, bound: atMost(10) },
      { run: 'bench-shares', figure: 'unshared, and its room on the disk free', bound: atMost(10) },
      { run: 'bench-hub', figure: 'disk back after a tenth left', bound: atMost(10) },
    ],
  },
  {
    id: 'package',
    table,
    what: 'Packed application without Electron itself',
    target: '<= 60 MB',
    measures: [{ run: 'bench-package', figure: 'the application without Electron', bound: atMost(60) }],
  },
];
