/** What makes two hits the same content. */
import { toHex } from '../../../shared/base/bytes.ts';
import type { Hit } from './entry.ts';

export function contentKey(hit: Hit): string {
  return toHex(hit.kind === 'direct' ? hit.entry.root : hit.entry.documentKey);
}
