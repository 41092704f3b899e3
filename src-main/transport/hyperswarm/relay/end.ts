import { Duplex } from 'node:stream';

import { Credit } from '../credit.ts';
import { ownBytes } from '../raw-encoding.ts';
import { RELAY_WINDOW_BYTES } from './limits.ts';
import { MAX_RELAY_DATA_BYTES } from './messages.ts';
import type { RelayOutcome } from './messages.ts';
import type { RelayPeer, StreamSide } from './peer.ts';

interface Waiting {
  bytes: Uint8Array;
  readonly done: () => void;
}

/**
 * An end of this node's own of a stream that a neighbour carries: bytes, in order, for as long as the neighbour does what it should. Whether it
 * does, the secret stream above tells.
 */
export class RelayEnd extends Duplex implements StreamSide {
  readonly peer: RelayPeer;
  /** The other end began it. */
  readonly isTaken: boolean;
  /** As the raw streams of HyperDHT have them: there is no address, and nothing is known of what has arrived. */
  readonly remoteHost = null;
  readonly remotePort = 0;
  readonly inflight = 0;
  packetsReceived = 0;

  readonly #number: number;
  readonly #onAccepted: () => void;
  readonly #onClosed: (outcome: RelayOutcome) => void;
  readonly #credit = new Credit();
  #isAccepted: boolean;
  #isOver = false;
  #waiting: Waiting | undefined;

  /** With `number` it was offered by the neighbour, and is accepted hereby; without, it waits for the neighbour's word. */
  constructor(
    peer: RelayPeer,
    options: {
      readonly number?: number;
      readonly onAccepted?: () => void;
      /** Told once, when it ends, by whomever. */
      readonly onClosed: (outcome: RelayOutcome) => void;
    },
  ) {
    super();
    this.peer = peer;
    this.isTaken = options.number !== undefined;
    this.#isAccepted = this.isTaken;
    this.#onAccepted = options.onAccepted ?? (() => {});
    this.#onClosed = options.onClosed;
    this.#number = options.number ?? peer.newNumber();
    peer.add(this.#number, this);
    if (this.isTaken) peer.send({ kind: 'accept', number: this.#number });
  }

  /** Asks the neighbour for it. */
  open(publicKey: Uint8Array): void {
    this.peer.send({ kind: 'open', number: this.#number, publicKey });
  }

  accepted(): boolean {
    if (this.#isAccepted) return false;
    this.#isAccepted = true;
    this.#onAccepted();
    this.pump();
    return true;
  }

  data(bytes: Uint8Array): 'taken' | 'violation' | 'overrun' {
    if (!this.#isAccepted) return 'violation';
    if (!this.#credit.received(bytes.length)) return 'overrun';
    this.packetsReceived += 1;
    this.push(ownBytes(bytes));
    if (!this.#isOver && this.#credit.wantsGrant(RELAY_WINDOW_BYTES)) {
      const totalBytes = this.#credit.grant(RELAY_WINDOW_BYTES);
      this.peer.send({ kind: 'grant', number: this.#number, totalBytes });
    }
    return 'taken';
  }

  granted(totalBytes: number): void {
    this.#credit.wasGranted(totalBytes);
    this.pump();
  }

  ended(outcome: RelayOutcome): void {
    if (this.#isOver) return;
    this.#over(outcome);
    // What came before is read first.
    if (outcome === 'none' && this.#isAccepted) this.push(null);
    else this.destroy();
  }

  pump(): void {
    while (this.#waiting !== undefined && this.#isAccepted && !this.#isOver && this.#credit.maySend) {
      if (!this.peer.hasRoomFor(this)) return;
      const { bytes, done } = this.#waiting;
      const part = bytes.subarray(0, MAX_RELAY_DATA_BYTES);
      this.#credit.sent(part.length);
      this.peer.send({ kind: 'data', number: this.#number, bytes: part });
      if (part.length < bytes.length) {
        this.#waiting.bytes = bytes.subarray(part.length);
        continue;
      }
      this.#waiting = undefined;
      done();
    }
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    if (bytes.length === 0 || this.#isOver) return done();
    this.#waiting = { bytes, done };
    this.pump();
  }

  override _read(): void {
    // What comes is bounded by what was granted.
  }

  override _final(done: () => void): void {
    this.#close();
    done();
  }

  override _destroy(_error: Error | null, done: (error: null) => void): void {
    this.#close();
    this.#waiting = undefined;
    done(null);
  }

  #close(): void {
    if (this.#isOver) return;
    this.peer.send({ kind: 'close', number: this.#number, outcome: 'none' });
    this.#over('none');
  }

  #over(outcome: RelayOutcome): void {
    this.#isOver = true;
    this.peer.remove(this.#number);
    this.#onClosed(outcome);
  }
}
