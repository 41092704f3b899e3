/**
 * One production core in the middle of puppets that say what a test has them say, and a log of what passed between nodes:
 * for what one node does, where in a network of many only the outcome shows.
 */
import assert from 'node:assert/strict';
import { toHex } from '../../shared/base/bytes.ts';
import {
  MAX_ACQUAINTANCES,
  MAX_BUDGETS,
  MAX_CACHED_SLOTS,
  MAX_IN_VAIN,
  MAX_DIALS_REMEMBERED,
  MAX_DISTRUSTED,
  MAX_FAILURES,
  MAX_KEPT,
  MAX_LINKS,
  MAX_LOCAL_PENDING,
  MAX_LOCATING,
  MAX_PENDING,
  MAX_RECENT_IDS,
  MAX_SEEKS,
} from '../../src-main/core/limits.ts';
import { decodeRouteMessage } from '../../src-main/core/wire/messages.ts';
import type { RouteMessage } from '../../src-main/core/wire/messages.ts';
import { Mesh } from './mesh.ts';
import type { MeshNode, MeshOptions } from './mesh.ts';

export interface Passed<Type extends RouteMessage['type'] = RouteMessage['type']> {
  readonly atMs: number;
  readonly from: MeshNode;
  readonly to: MeshNode;
  readonly message: Extract<RouteMessage, { type: Type }>;
  /** The id in hexadecimal. */
  readonly id: string;
}

/** From now on every message of these types that is sent on the channel `route`. */
export function watch<Type extends RouteMessage['type']>(mesh: Mesh, ...types: readonly Type[]): Passed<Type>[] {
  const passed: Passed<Type>[] = [];
  const wanted: ReadonlySet<string> = new Set(types);
  mesh.watchers.push((from, to, channel, bytes) => {
    const decoded = channel === 'route' ? decodeRouteMessage(bytes) : undefined;
    if (decoded?.ok !== true || !wanted.has(decoded.value.type)) return;
    const message = decoded.value as Passed<Type>['message'];
    passed.push({ atMs: mesh.nowMs, from, to, message, id: toHex(message.id) });
  });
  return passed;
}

interface Star {
  readonly mesh: Mesh;
  /** The core that is tested; it dialled all its links. */
  readonly subject: MeshNode;
  readonly puppets: MeshNode[];
}

/** Nobody dials: the links stay these. */
export function star(options: Omit<MeshOptions, 'nodes' | 'degree'> & { readonly puppets: number }): Star {
  const targetLinks = Math.max(12, options.puppets);
  const mesh = new Mesh({ targetLinks, dials: false, ...options, nodes: options.puppets + 1, degree: 0 });
  const [subject, ...puppets] = mesh.nodes as [MeshNode, ...MeshNode[]];
  for (const puppet of puppets) {
    puppet.onRoute = () => undefined;
    mesh.connect(subject, puppet);
  }
  mesh.run(1_000);
  assert.equal(subject.core.readyLinks(), puppets.length);
  return { mesh, subject, puppets };
}

/** All puppets do the same with what comes. */
export function script(
  puppets: readonly MeshNode[],
  run: (message: RouteMessage, from: MeshNode, puppet: MeshNode) => void,
): void {
  for (const puppet of puppets) puppet.onRoute = (message, from) => run(message, from, puppet);
}

/** What each table of the core may hold (src-main/core/limits.ts); with those of own walks one that has just ended. */
const BOUNDS: Readonly<Record<string, number>> = {
  neighbours: MAX_LINKS,
  walks: MAX_PENDING + MAX_LOCAL_PENDING,
  recentIds: MAX_RECENT_IDS,
  cachedSlots: MAX_CACHED_SLOTS,
  inVain: MAX_IN_VAIN,
  ownWalks: MAX_LOCAL_PENDING + 1,
  failures: MAX_FAILURES,
  floods: MAX_LINKS,
  kept: MAX_KEPT,
  distrusted: MAX_DISTRUSTED,
  budgets: MAX_BUDGETS,
  acquaintances: MAX_ACQUAINTANCES,
  locating: MAX_LOCATING + 64,
  seeks: MAX_SEEKS,
  dials: MAX_DIALS_REMEMBERED,
};

export function assertBounded(...nodes: readonly MeshNode[]): void {
  for (const node of nodes) {
    for (const [table, size] of Object.entries(node.core.tableSizes())) {
      assert.ok(size <= (BOUNDS[table] ?? -1), `${table}: ${size}`);
    }
  }
}
