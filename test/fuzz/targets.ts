/** Everything that reads bytes or text from outside. A new decoder gets a line in one of these lists. */
import { FILE_TARGETS } from './file-targets.ts';
import { PUBLICATION_TARGETS } from './publication-targets.ts';
import type { Target } from './target.ts';
import { TEXT_TARGETS } from './text-targets.ts';
import { WIRE_TARGETS } from './wire-targets.ts';

export const TARGETS: readonly Target[] = [...WIRE_TARGETS, ...PUBLICATION_TARGETS, ...TEXT_TARGETS, ...FILE_TARGETS];
