/** What a download has to do with, besides its sources. */
import type { NodeContext } from '../effects.ts';
import type { KnownNode, LinkId } from '../ports.ts';
import type { Timers } from '../routing/timers.ts';
import type { SourceRecord, TransferMessage } from '../wire/transfer-messages.ts';
import type { AskingRate } from './rates.ts';
import type { ChunkBuffers } from './chunk-buffers.ts';
import type { Source } from './source.ts';

export interface DownloadParts {
  readonly context: NodeContext;
  readonly timers: Timers;
  readonly send: (link: LinkId, message: TransferMessage) => void;
  /** The link to a node, if there is one that messages may go to. */
  readonly linkOf: (key: string) => LinkId | undefined;
  readonly dial: (node: KnownNode) => void;
  readonly isBanned: (key: string) => boolean;
  readonly ban: (source: Source) => void;
  /** A number for what is asked; answers with it come to it until `forget`. */
  readonly newId: () => number;
  readonly forget: (id: number) => void;
  /** This node's word that it has a file, or a part of it. */
  readonly ownRecord: (root: Uint8Array) => SourceRecord;
  /** Bytes asked for by all downloads together. */
  readonly inFlight: { bytes: number };
  readonly buffers: ChunkBuffers;
  /** How fast all downloads together may ask. */
  readonly rate: AskingRate;
  /** A chunk is held now: those who load from here are told. */
  readonly onHeld: (root: Uint8Array, chunk: number) => void;
  readonly onEnd: () => void;
}
