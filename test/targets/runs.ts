/**
 * What `npm run bench -- all` and `npm run soak -- all` run, in this order, and how long each takes on two cores that do nothing
 * else: read from runs of its parts, so a guess within a factor of two.
 */

export interface Run {
  readonly kind: 'bench' | 'soak' | 'sim';
  readonly name: string;
  readonly args: readonly string[];
  readonly minutes: number;
  /** In place of `args` with --quick: smaller, so that it shows less. Left out where the run is short anyway. */
  readonly quick?: { readonly args: readonly string[]; readonly minutes: number };
}

export const RUNS = {
  'bench-core': { kind: 'bench', name: 'core', args: [], minutes: 0.3 },
  'bench-coding': { kind: 'bench', name: 'coding', args: [], minutes: 0.2 },
  'bench-store': { kind: 'bench', name: 'store', args: [], minutes: 0.3 },
  'bench-stamps': { kind: 'bench', name: 'stamps', args: [], minutes: 1.5 },
  'bench-simulator': { kind: 'bench', name: 'simulator', args: [], minutes: 1 },
  'bench-package': { kind: 'bench', name: 'package', args: [], minutes: 1 },
  'bench-desktop': { kind: 'bench', name: 'desktop', args: [], minutes: 2 },
  'bench-interface': { kind: 'bench', name: 'interface', args: [], minutes: 1.5 },
  'bench-transport': { kind: 'bench', name: 'transport', args: [], minutes: 1 },
  'bench-small-file': { kind: 'bench', name: 'small-file', args: [], minutes: 0.7 },
  'bench-deleting': { kind: 'bench', name: 'deleting', args: [], minutes: 1 },
  'bench-event-loop': {
    kind: 'bench',
    name: 'event-loop',
    args: ['--mib', '32'],
    minutes: 2,
    quick: { args: ['--mib', '8', '--nodes', '6'], minutes: 1 },
  },
  'bench-network-view': {
    kind: 'bench',
    name: 'network-view',
    args: [],
    minutes: 3,
    quick: { args: ['--seconds', '10'], minutes: 1.7 },
  },
  'bench-joining': {
    kind: 'bench',
    name: 'joining',
    args: ['--rounds', '5'],
    minutes: 2,
    quick: { args: ['--rounds', '2'], minutes: 1 },
  },
  'bench-shares': {
    kind: 'bench',
    name: 'shares',
    args: [],
    minutes: 3,
    quick: { args: ['--files', '20000', '--mib', '256'], minutes: 0.8 },
  },
  'bench-search': {
    kind: 'bench',
    name: 'search',
    args: [],
    minutes: 3,
    quick: { args: ['--nodes', '8', '--files', '1600', '--queries', '60'], minutes: 1.5 },
  },
  'bench-publications': {
    kind: 'bench',
    name: 'publications',
    args: ['--mib', '64', '--memory-mib', '256'],
    minutes: 7,
    quick: { args: ['--mib', '16', '--memory-mib', '32'], minutes: 3.5 },
  },
  'bench-spine': { kind: 'bench', name: 'spine', args: [], minutes: 2.5 },
  'bench-transfers': {
    kind: 'bench',
    name: 'transfers',
    args: ['--mib', '512,1024'],
    minutes: 9,
    quick: { args: ['--mib', '256', '--rounds', '1', '--delayed-mib', '8'], minutes: 2.5 },
  },
  'bench-hub': {
    kind: 'bench',
    name: 'hub',
    args: [],
    minutes: 9,
    quick: { args: ['--leaves', '560', '--queries', '600'], minutes: 1.5 },
  },
  'sim-all': { kind: 'sim', name: 'all', args: [], minutes: 25, quick: { args: ['--page'], minutes: 0.1 } },
  'soak-kills': {
    kind: 'soak',
    name: 'kills',
    args: ['--kills', '1000', '--seed', '1'],
    minutes: 120,
    quick: { args: ['--kills', '12', '--seed', '1'], minutes: 3 },
  },
  'soak-faults': {
    kind: 'soak',
    name: 'faults',
    args: [],
    minutes: 60,
    quick: { args: ['--most', '5'], minutes: 5 },
  },
  'soak-hostile': {
    kind: 'soak',
    name: 'hostile',
    args: ['--seed', '1'],
    minutes: 15,
    quick: { args: ['--seconds', '3', '--seed', '1'], minutes: 5 },
  },
  'soak-store-kill': {
    kind: 'soak',
    name: 'store-kill',
    args: ['--seed', '1'],
    minutes: 40,
    quick: { args: ['--kills', '50', '--tears', '50', '--seed', '1'], minutes: 2.5 },
  },
  'soak-spine': {
    kind: 'soak',
    name: 'spine',
    args: ['--mib', '1024'],
    minutes: 7,
    quick: { args: ['--mib', '128'], minutes: 1.5 },
  },
  'soak-large': {
    kind: 'soak',
    name: 'large',
    args: ['--mib', '1024'],
    minutes: 15,
    quick: { args: ['--mib', '64'], minutes: 2 },
  },
  'soak-transfers': {
    kind: 'soak',
    name: 'transfers',
    args: ['--mib', '10240', '--seed', '1'],
    minutes: 12,
    quick: { args: ['--mib', '512', '--slow-mib', '2', '--seed', '1'], minutes: 1.5 },
  },
  'soak-network': {
    kind: 'soak',
    name: 'network',
    args: ['--minutes', '10', '--seed', '20261121'],
    minutes: 13,
    quick: { args: ['--minutes', '1', '--nodes', '16', '--seed', '20261121'], minutes: 2 },
  },
  'soak-availability': {
    kind: 'soak',
    name: 'availability',
    args: ['--gone', '0.5', '--seed', '20261'],
    minutes: 6,
    quick: { args: ['--gone', '0.5', '--nodes', '20', '--each', '4', '--seed', '20261'], minutes: 2 },
  },
  'soak-search': {
    kind: 'soak',
    name: 'search',
    args: ['--nodes', '40', '--files', '100000', '--queries', '200', '--kill', '3', '--seed', '5'],
    minutes: 15,
    quick: {
      args: ['--nodes', '12', '--files', '6000', '--queries', '60', '--kill', '2', '--seed', '5'],
      minutes: 3,
    },
  },
  'soak-interface': {
    kind: 'soak',
    name: 'interface',
    args: ['--minutes', '60'],
    minutes: 61,
    quick: { args: ['--minutes', '3'], minutes: 3.5 },
  },
  'soak-sim': {
    kind: 'soak',
    name: 'sim',
    args: ['--seeds', '10000', '--seed', '1'],
    minutes: 280,
    quick: { args: ['--seeds', '100', '--seed', '1'], minutes: 2 },
  },
  'soak-fuzz': {
    kind: 'soak',
    name: 'fuzz',
    args: ['--seed', '1'],
    minutes: 120,
    quick: { args: ['--inputs', '50000', '--seed', '1'], minutes: 2 },
  },
  'soak-fuzz-edges': {
    kind: 'soak',
    name: 'fuzz-edges',
    args: ['--seed', '1'],
    minutes: 30,
    quick: { args: ['--inputs', '500', '--seed', '1'], minutes: 2 },
  },
} as const satisfies Record<string, Run>;

export type RunId = keyof typeof RUNS;

export const RUN_IDS = Object.keys(RUNS) as RunId[];

/** Scripts that are no runs of their own, with the reason. */
export const NOT_RUN: Readonly<Record<string, string>> = {
  'bench all': 'it is what runs the others',
  'soak all': 'it is what runs the others',
  'bench hedging': 'a part of bench publications',
};

/** As it should be, or with --quick, where it has a smaller size. */
export function sizeOf(
  id: RunId,
  isQuick: boolean,
): { readonly args: readonly string[]; readonly minutes: number; readonly isQuick: boolean } {
  const run: Run = RUNS[id];
  return isQuick && run.quick !== undefined ? { ...run.quick, isQuick } : { ...run, isQuick: false };
}

export function commandOf(id: RunId, args: readonly string[]): string {
  const { kind, name } = RUNS[id];
  return ['npm run', kind, '--', name, ...args].join(' ');
}
