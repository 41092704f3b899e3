/** Tells the core what the store has kept for its place since before this start, as much as it looks after. */
import type { NodeEvent } from '../../core/effects.ts';
import { MAX_KEPT, MAX_RESTORED_AT_ONCE } from '../../core/limits.ts';
import type { BlockStore } from '../../core/ports.ts';

export async function restoreKept(store: BlockStore, handle: (event: NodeEvent) => void): Promise<void> {
  let after: Uint8Array | undefined;
  for (let told = 0; told < MAX_KEPT; told += MAX_RESTORED_AT_ONCE) {
    const { addresses, next } = await store.kept(MAX_RESTORED_AT_ONCE, after);
    if (addresses.length > 0) handle({ type: 'kept', addresses });
    if (next === undefined) return;
    after = next;
  }
}
