/** What is shown of the chunks of a file: at most so many equal parts of it, and of each how much is here, what comes, and who gave it. */
import { toHex } from '../../../shared/base/bytes.ts';
import { GIVER_LETTERS } from '../../../shared/ipc/download-model.ts';
import type { DownloadJob } from '../../../shared/ipc/model.ts';
import { PieceMap } from '../../core/transfer/piece-map.ts';
import { chunkCountOf } from '../../core/transfer/tree.ts';
import { shortName } from '../node/node-status.ts';

/** Parts of the piece map that travel to the interface. */
const SHOWN_PIECES = 128;
/** Of a part that none of the givers gave anything of. */
const NOBODY = '.';

export interface Pieces {
  readonly pieces: string;
  readonly coming: string;
  readonly from: string;
  readonly givers: NonNullable<DownloadJob['givers']>;
}

/** `pieces`: how much of each part is here, 0 ... 9, and 9 only when all of it is. */
export function piecesOf(map: PieceMap | undefined): Pieces {
  if (map === undefined) return { pieces: '', coming: '', from: '', givers: [] };
  const { chunks, givers } = map;
  const shown = Math.min(SHOWN_PIECES, chunks);
  const gave = new Uint32Array(givers.list.length);
  let [pieces, coming, from] = ['', '', ''];
  for (let piece = 0; piece < shown; piece += 1) {
    const [first, end] = [Math.floor((piece * chunks) / shown), Math.floor(((piece + 1) * chunks) / shown)];
    let held = 0;
    let isComing = false;
    gave.fill(0);
    for (let chunk = first; chunk < end; chunk += 1) {
      isComing ||= map.isAsked(chunk);
      if (!map.isHeld(chunk)) continue;
      held += 1;
      const giver = givers.of(chunk);
      if (giver !== undefined) gave[giver]! += 1;
    }
    pieces += held === end - first ? '9' : String(Math.min(8, Math.ceil((held / (end - first)) * 9)));
    coming += isComing ? '1' : '0';
    from += letterOf(gave);
  }
  return {
    ...{ pieces, coming, from },
    givers: givers.list.map(({ publicKey, bytes }) => ({
      ...{ name: shortName(publicKey), publicKey: toHex(publicKey), bytes },
    })),
  };
}

/** Of a file that is whole; `map`: the last that was seen, where one was. */
export function wholePieces(map: PieceMap | undefined, sizeBytes: number): Pieces {
  if (map?.isWhole === true) return piecesOf(map);
  const whole = new PieceMap(chunkCountOf(sizeBytes));
  for (let chunk = 0; chunk < whole.chunks; chunk += 1) whole.toHeld(chunk);
  return piecesOf(whole);
}

/** Of who gave most; of several that gave as much, the one that began first. */
function letterOf(gave: Uint32Array): string {
  let best = -1;
  for (let giver = 0; giver < gave.length; giver += 1) if (gave[giver]! > (best < 0 ? 0 : gave[best]!)) best = giver;
  return best < 0 ? NOBODY : GIVER_LETTERS[best]!;
}
