/** What a node has to bear of hostile peers, and docs/results/hostile.md. */
import { MIB } from '../../../shared/base/units.ts';
import type { HostileKind } from '../../hostile/peer-kinds.ts';
import { MOST_LEFT_BYTES } from '../../hostile/peer-scene.ts';
import type { KindOutcome } from '../../hostile/peer-scene.ts';
import type { AliveMemory } from '../../hostile/victim-memory.ts';
import type { KeptOutcome } from './kept-outcomes.ts';

/** Of honest gets and searches each (targets). */
export const LEAST_SUCCESS = 0.95;
/** Own work of the event loop between two looks at the clock, at p99 (issue: under 50 ms). */
export const MOST_BUSY_MS = 50;
/**
 * What the process may have above what it had before: a queue of the largest size for each of a few links (MAX_PENDING_BYTES of the transport),
 * and what V8 lets lie about (heap-growth.ts). It must not go on growing, see below.
 */
export const MOST_ABOVE_MIB = 160;
/** From the third quarter of the time to the last, of what it has. */
export const MOST_GROWTH = 0.08;

/** Bounds that were broken, in words. */
export function problemsOf(kind: HostileKind, { honest, busy, memory, faults, lostLinks }: KindOutcome): string[] {
  const problems: string[] = [];
  if (honest.got < LEAST_SUCCESS * honest.gets) problems.push('too few gets succeeded');
  if (honest.found < LEAST_SUCCESS * honest.searches) problems.push('too few searches found');
  if (busy.p99 > MOST_BUSY_MS) problems.push('the event loop was busy for too long');
  if (memory.peakMib - memory.beforeMib > MOST_ABOVE_MIB) problems.push('too much memory');
  if (memory.growthMib > MOST_GROWTH * memory.peakMib) problems.push('memory grows');
  if (leftMib(memory) > MOST_LEFT_BYTES / MIB) problems.push('memory is left behind');
  if (lostLinks > 0) problems.push('honest links were lost');
  if (kind.seenAs.length > 0 && !kind.seenAs.some((fault) => faults[fault] !== undefined))
    problems.push('it is not seen in the statistics');
  return problems;
}

export function aliveMib({ heap, outside, threads }: AliveMemory): number {
  return (heap + outside + threads) / MIB;
}

/** Of the main thread alone: other threads that the node began to need are no matter of the kind. */
export function leftMib({ aliveBefore, aliveAfter }: KindOutcome['memory']): number {
  return (aliveAfter.heap + aliveAfter.outside - aliveBefore.heap - aliveBefore.outside) / MIB;
}

export interface PageOf {
  readonly outcomes: readonly { readonly kind: HostileKind; readonly outcome: KeptOutcome }[];
  /** That there are. */
  readonly kinds: number;
  readonly seconds: number;
  readonly seed: number;
  readonly machine: string;
  readonly command: string;
}

export function hostilePage({ outcomes, kinds, seconds, seed, machine, command }: PageOf): string {
  const loads = outcomes.map(({ outcome }) => outcome.load);
  const load = [Math.min(...loads), Math.max(...loads)].map((each) => each.toFixed(1)).join(' to ');
  const alive = outcomes.flatMap(({ outcome: { memory } }) => [memory.aliveBefore, memory.aliveAfter].map(aliveMib));
  const aliveSpan = [Math.min(...alive), Math.max(...alive)].map((each) => each.toFixed(0)).join(' to ');
  return `# Hostile peers, live

Made by \`${command}\`, perhaps in pieces (\`--into\`): ${machine}, load ${load}; ${outcomes.length} of ${kinds} kinds, ${seconds} s each, longer where it is not seen in the statistics by then, seed ${seed}.

A practice network of nine real processes: six nodes, one that is attacked and is a hub, one whose person reads and searches, one that
published and shares. A tenth process attacks in one way after the other, as fast as it can, from one address; links are those of
\`src-main/transport/hyperswarm\`, with as many keys as it takes. Meanwhile the node that is attacked and the reader each get publications anew
from the network, one after the other, and the reader searches.

*Own work* is the processor time of the node's main thread between two looks at the clock, 10 ms apart or when it got there; *late* is by how
much the second look was late, which other processes of the machine have their part in. Both at p99. Memory is the resident set before, at most, and
after; *alive* is what is left of it after a collection, objects and buffers of all threads, before and after, when streams that the kind left open have ended: ${aliveSpan} MiB over all kinds. The rest is what V8 and
the system's allocator keep for the next need, and the caches of SQLite. *Not held* are bounds that were broken (at least ${100 * LEAST_SUCCESS} % of gets and of searches, ${MOST_BUSY_MS} ms of own work
at p99, ${MOST_ABOVE_MIB} MiB above what there was before, no growth by more than ${100 * MOST_GROWTH} % from the third to the last quarter, no more than ${MOST_LEFT_BYTES / MIB} MiB of the main thread alive that were not before,
no honest link lost, seen in the statistics where it breaks a rule). *Seen* is what rose in the node's statistics, which Network tells in sentences.

| kind | sent | got | found | own work, ms | late, ms | memory, MiB | alive, MiB | seen | not held |
|---|---|---|---|---|---|---|---|---|---|
${outcomes.map(row).join('\n')}
`;
}

function row({ kind, outcome }: PageOf['outcomes'][number]): string {
  const { attack, honest, busy, late, memory, faults } = outcome;
  const sent =
    attack.messages > 0
      ? `${attack.messages.toLocaleString('en')} messages, ${(attack.bytes / 1e6).toFixed(1)} MB, ${attack.opened} links`
      : `${attack.opened} links`;
  const seen = Object.entries(faults)
    .map(([fault, count]) => `${fault} ${count.toLocaleString('en')}`)
    .join(', ');
  const cells = [
    kind.name,
    sent,
    `${honest.got} of ${honest.gets}`,
    `${honest.found} of ${honest.searches}`,
    busy.p99.toFixed(1),
    late.p99.toFixed(0),
    [memory.beforeMib, memory.peakMib, memory.afterMib].map((mib) => mib.toFixed(0)).join(', '),
    [memory.aliveBefore, memory.aliveAfter].map((alive) => aliveMib(alive).toFixed(1)).join(', '),
    seen,
    problemsOf(kind, outcome).join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}
