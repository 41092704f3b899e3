/**
 * How far V8 lets garbage grow before it collects all of a heap. A relay makes hardly any objects, but five buffers of 33 KB
 * for each block that passes, and V8 counts these against a limit that lies 8 MB above a heap of 20: each 50 blocks a whole
 * collection of what had not changed (measured: 136 in twelve nodes for 20 MiB published; with this, 31; a tenth of all
 * processor time).
 */
import { setFlagsFromString } from 'node:v8';

/** Garbage may be as large as what is alive: some 20 MB, where it was 8. */
const GROWTH_PERCENT = 100;

/**
 * New buffers of 32 MB together start a quick collection of what is young. V8 13.6 put that at 128 MB, behind the limit above, so that
 * all buffers waited for whole collections (nodejs/node issue 61967): docs/results/transfers.md has what that cost.
 */
const YOUNG_MB = 8;
/** The versions of V8 that have that limit; another might not know the flag, and says so on standard error. */
const YOUNG_V8 = /^13\.([6-9]|\d\d)\./;

/** For all heaps of this process; they ask for it at each collection, so it may be said at any time. */
export function letHeapsGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  if (YOUNG_V8.test(process.versions.v8)) setFlagsFromString(`--scavenger-max-new-space-capacity-mb=${YOUNG_MB}`);
}
