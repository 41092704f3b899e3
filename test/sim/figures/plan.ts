/** What `npm run sim -- all` runs, and which figures of the page each run answers. */
import { FREENET_ROWS } from './freenet-rows.ts';
import { JOINING_ROWS, ROUTING_ROWS } from './routing-rows.ts';
import type { Row } from './row.ts';
import { SEARCH_ROWS } from './search-rows.ts';
import { AVAILABILITY_ROWS, DENYING_ROWS, SILENT_ROWS } from './availability-rows.ts';

export interface PlannedRun {
  /** Name of its figures' file: letters, digits, hyphens. */
  readonly id: string;
  readonly experiment: string;
  readonly args: readonly string[];
  readonly rows: readonly Row[];
  /** Only with --large: it takes gigabytes and long. */
  readonly isLarge?: boolean;
}

export const PLAN: readonly PlannedRun[] = [
  { id: 'convergence', experiment: 'convergence', args: ['--seconds', '180'], rows: FREENET_ROWS.convergence },
  { id: 'scaling', experiment: 'scaling', args: ['--max', '3000'], rows: FREENET_ROWS.scaling },
  { id: 'scaling-10000', experiment: 'scaling', args: ['--max', '10000'], rows: FREENET_ROWS.scaling, isLarge: true },
  { id: 'tolerance', experiment: 'tolerance', args: [], rows: FREENET_ROWS.tolerance },
  { id: 'small-world', experiment: 'small-world', args: [], rows: FREENET_ROWS.smallWorld },
  {
    id: 'availability',
    experiment: 'availability',
    args: ['--curve', '--publications', '150', '--files', '4'],
    rows: AVAILABILITY_ROWS,
  },
  {
    id: 'availability-denying',
    experiment: 'availability',
    args: ['--curve', '--failing', 'denying', '--fraction', '0.1', '--publications', '50', '--files', '6'],
    rows: DENYING_ROWS,
  },
  {
    id: 'availability-silent',
    experiment: 'availability',
    args: ['--failing', 'silent', '--fraction', '0.3', '--publications', '100', '--files', '2'],
    rows: SILENT_ROWS,
  },
  { id: 'hops', experiment: 'hops', args: [], rows: ROUTING_ROWS.hops },
  {
    id: 'hops-10000',
    experiment: 'hops',
    args: ['--nodes', '10000'],
    rows: ROUTING_ROWS.hopsOf10000,
    isLarge: true,
  },
  { id: 'failures', experiment: 'failures', args: ['--fraction', '0.3'], rows: ROUTING_ROWS.failures },
  { id: 'failures-silent', experiment: 'failures', args: ['--fraction', '0.3', '--silent'], rows: ROUTING_ROWS.silent },
  { id: 'flood', experiment: 'flood', args: [], rows: ROUTING_ROWS.flood },
  { id: 'congestion', experiment: 'congestion', args: [], rows: ROUTING_ROWS.congestion },
  { id: 'false-copies', experiment: 'false-copies', args: [], rows: ROUTING_ROWS.falseCopies },
  { id: 'anonymity', experiment: 'anonymity', args: [], rows: ROUTING_ROWS.anonymity },
  { id: 'anonymity-bulk', experiment: 'anonymity', args: ['--bulk'], rows: ROUTING_ROWS.anonymityBulk },
  { id: 'joining', experiment: 'joining', args: ['--newcomers', '50'], rows: JOINING_ROWS },
  {
    id: 'joining-10000',
    experiment: 'joining',
    args: ['--nodes', '10000', '--newcomers', '20'],
    rows: JOINING_ROWS,
    isLarge: true,
  },
  { id: 'search', experiment: 'search', args: [], rows: SEARCH_ROWS.hubs },
  {
    id: 'search-10000',
    experiment: 'search',
    args: ['--nodes', '10000', '--queries', '200'],
    rows: SEARCH_ROWS.hubsOf10000,
    isLarge: true,
  },
  {
    id: 'search-upkeep',
    experiment: 'search',
    args: ['--nodes', '150', '--leaves', '100', '--files', '1000', '--quiet', '3600', '--queries', '10'],
    rows: SEARCH_ROWS.upkeep,
  },
  {
    id: 'search-flood',
    experiment: 'search',
    args: ['--strategy', 'flood', '--queries', '100'],
    rows: SEARCH_ROWS.flood,
  },
  { id: 'search-ring', experiment: 'search', args: ['--strategy', 'ring', '--queries', '100'], rows: SEARCH_ROWS.ring },
  { id: 'search-walk', experiment: 'search', args: ['--strategy', 'walk', '--queries', '100'], rows: SEARCH_ROWS.walk },
  { id: 'soak', experiment: 'soak', args: ['--seeds', '10'], rows: ROUTING_ROWS.soak },
];
