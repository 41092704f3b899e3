/** All rows of the page of targets, in its order. */
import { DESKTOP_ROWS } from './desktop-rows.ts';
import { PUBLICATION_ROWS } from './publication-rows.ts';
import { ROUTING_ROWS } from './routing-rows.ts';
import type { Row } from './row.ts';
import { SEARCH_ROWS } from './search-rows.ts';
import { STURDINESS_ROWS } from './sturdiness-rows.ts';
import { TRANSFER_ROWS } from './transfer-rows.ts';

export const ROWS: readonly Row[] = [
  ...TRANSFER_ROWS,
  ...PUBLICATION_ROWS,
  ...ROUTING_ROWS,
  ...SEARCH_ROWS,
  ...DESKTOP_ROWS,
  ...STURDINESS_ROWS,
];
