/** What this window can play of what is loaded: the list of what is served to players, and the decoders that are here. */
import { playableOf } from '../../shared/base/playable.ts';
import type { Playable } from '../../shared/base/playable.ts';

/** `no-decoder`: a kind that is played, by other browsers. */
export function playability(name: string): { readonly kind: Playable['kind'] | 'other'; readonly noDecoder: boolean } {
  const playable = playableOf(name);
  if (playable === undefined) return { kind: 'other', noDecoder: false };
  if (playable.kind === 'picture') return { kind: 'picture', noDecoder: false };
  return { kind: playable.kind, noDecoder: document.createElement(playable.kind).canPlayType(playable.type) === '' };
}
