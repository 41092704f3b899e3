/** The move of the data directory, as the node last said. */
import type { Move } from '../../shared/ipc/move-calls.ts';

/** From the first word of it until the node runs in its new place, or in the one of before. */
export function isMoving(move: Move | undefined): boolean {
  return move !== undefined && move.state !== 'idle' && move.state !== 'impossible';
}

/** Of copying and reading back, 0 ... 1; undefined while nothing is known. */
export function partMoved({ doneBytes, totalBytes }: Move): number | undefined {
  if (doneBytes === undefined || totalBytes === undefined) return undefined;
  return totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
}
