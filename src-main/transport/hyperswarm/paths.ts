import { randomBytes } from 'node:crypto';

import { Outbox } from '../outbox.ts';
import { CARRIED_CHANNELS } from './channels.ts';
import type { CarriedChannel, CarriedMessage } from './channels.ts';
import { Liveness } from './liveness.ts';
import { decodeTaken, encodeTaken, FRAME, FRAME_KINDS, TOKEN_BYTES } from './path-messages.ts';
import type { PathMessage } from './path-messages.ts';
import { MIN_TCP_PORT } from './tcp-port.ts';
import type { TcpCalls } from './tcp-port.ts';
import type { TcpStream } from './tcp-stream.ts';

/**
 * Links whose least round trip is above this stay on UDX. TCP costs half of its processor time and less (npm run bench -- transport), which tells on a local network; on a longer way
 * it is the line that counts, and TCP gives way to each lost packet (Mathis et al. 1997: at 20 ms and 0.1 % loss 2 MB/s), where UDX's BBR does not.
 */
export const MAX_TCP_ROUND_TRIP_MS = 20;
/** The first round trip is measured while both ends are busy with the beginning: so many more are, one a tick, where it was too long. */
const EXTRA_SAMPLES = 4;
/** Who was told where to call has so long for it: a call takes TCP_OPENING_MS at most, and its turn may come after ours. */
const EXPECTED_MS = 12_000;
/** The other end reads over TCP by then: what went by UDX before comes first. Guess. */
const FIRST_HEARD_MS = 10_000;
/** A way that failed is tried again after this, doubled each time, up to the second. Guesses. */
const FIRST_REST_MS = 30_000;
const MAX_REST_MS = 10 * 60_000;
/** A way that held so long does not count against the next. Guess. */
const LONG_LIFE_MS = 60_000;
/** Calls of one link without one that lasted, so that nobody has us call for ever. */
export const MAX_CALLS_OF_LINK = 8;
/** The other end is told how much was taken so often at least while anything comes: it keeps what it cannot be sure of. */
const TAKEN_EVERY_MS = 1_000;

export interface PathsOptions {
  /** Of the link: the end that dialled calls first. */
  readonly initiator: boolean;
  /** The other end's. */
  readonly publicKey: Uint8Array;
  readonly calls: TcpCalls;
  nowMs(): number;
  /** The address that the other end has now, if it is its own and not a relay's. */
  host(): string | undefined;
  /** Says it over UDX. */
  tell(message: PathMessage): void;
  grantedBytes(): number;
  /** Measures the round trip, unless that is under way. */
  ping(): void;
  /** Something came over TCP: the other end lives. */
  alive(): void;
  received(channel: CarriedChannel, bytes: Uint8Array): void;
  /** A message of the ping channel. */
  controlled(bytes: Uint8Array): void;
  wasGranted(totalBytes: number): void;
  /** What was sent over TCP and did not arrive, in order; to be sent before anything else. */
  returned(messages: readonly CarriedMessage[]): void;
  /** What goes out goes another way now, or there is room on it. */
  wayIsFree(): void;
  /** The other end broke the rules. */
  violated(): void;
}

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'expecting'; readonly untilMs: number; readonly cancel: () => void }
  | { readonly kind: 'calling'; readonly cancel: () => void; isSwitched: boolean }
  | { readonly kind: 'open'; readonly stream: TcpStream; readonly sinceMs: number }
  /** We have said `lost` and wait for the other end's. */
  | { readonly kind: 'lost'; readonly wasOpen: boolean };

const IDLE: State = { kind: 'idle' };

/**
 * The ways of one link. UDX is always there, and the link ends with it. Where one end can call the other by TCP, each moves what it sends
 * there: `switch` is the last it says over UDX, and what comes by TCP is read after `switch` has come. A TCP stream that ends or
 * falls silent is given up by both: each says in `lost` over UDX how many messages it took, and the other sends the rest again by UDX. So every message
 * arrives once, in order, whenever TCP breaks.
 */
export class Paths {
  readonly #options: PathsOptions;
  #state: State = IDLE;
  #isEnded = false;
  #leastRoundTripMs = Number.POSITIVE_INFINITY;
  #samples = 0;
  #callsMade = 0;
  #failures = 0;
  #nextTryMs = 0;
  /** The other end is to be called, once it is known how far it is. */
  #asked: { readonly port: number; readonly token: Uint8Array; readonly untilMs: number } | undefined;

  // Of the TCP stream that is open, or was lost last.
  /** `switch` has come: what comes by TCP is read. */
  #mayRead = false;
  #hasHeard = false;
  #liveness: Liveness;
  /** Messages sent and taken. */
  #sent = 0;
  #taken = 0;
  #toldTaken = 0;
  #toldTakenAtMs = 0;
  /** What the other end may not have taken. Bounded by its credit (4 MiB, credit.ts). */
  #unsure = new Outbox<CarriedChannel>();
  #surelyTaken = 0;

  constructor(options: PathsOptions) {
    this.#options = options;
    this.#liveness = new Liveness(options.nowMs());
  }

  /** What is sent goes over TCP. */
  get isTcp(): boolean {
    return this.#state.kind === 'open';
  }

  /** What comes has to come over TCP. */
  get readsTcp(): boolean {
    return (this.isTcp || this.isReturning) && this.#mayRead;
  }

  /** Nothing may be sent until the other end has said what it took. */
  get isReturning(): boolean {
    return this.#state.kind === 'lost' && this.#state.wasOpen;
  }

  /** The other end has not said yet that it took all. */
  get isUnsure(): boolean {
    return !this.#unsure.isEmpty;
  }

  /** Sends a message over TCP; false when it takes no more for now. */
  send(message: CarriedMessage): boolean {
    if (this.#state.kind !== 'open') return false;
    this.#sent += 1;
    this.#unsure.push(message, message.bytes.length);
    this.#liveness.sent(this.#options.nowMs());
    return this.#state.stream.send(FRAME.firstChannel + CARRIED_CHANNELS.indexOf(message.channel), message.bytes);
  }

  /** Sends a message of the ping channel over TCP, after what was sent before. */
  control(bytes: Uint8Array): boolean {
    if (this.#state.kind !== 'open') return true;
    this.#tellTaken();
    return this.#state.stream.send(FRAME.control, bytes);
  }

  /** A pong came: the other end reads what is sent to its address, and took so long. */
  measured(roundTripMs: number): void {
    this.#samples += 1;
    this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs, roundTripMs);
  }

  /** Called every TICK_MS (transport.ts), and when a pong came, while the link is up and the other end knows of paths too. */
  tick(nowMs: number): void {
    if (this.#isEnded) return;
    const state = this.#state;
    switch (state.kind) {
      case 'idle':
        if (this.#asked !== undefined) return this.#callBack(nowMs);
        if (this.#samples > 0 && this.#samples <= EXTRA_SAMPLES && !this.#isNear) this.#options.ping();
        else if (!this.#options.initiator && this.#isWorthIt && nowMs >= this.#nextTryMs) this.#reach(nowMs);
        return;
      case 'expecting':
        if (nowMs < state.untilMs) return;
        state.cancel();
        return this.#failed(nowMs);
      case 'open':
        return this.#look(nowMs, state.sinceMs);
      case 'calling':
      case 'lost':
    }
  }

  /** The other end says this over UDX. */
  heard(message: PathMessage): void {
    if (this.#isEnded) return;
    if (message.kind === 'reach') this.#onReach(message.port, message.token);
    else if (message.kind === 'switch') this.#onSwitch();
    else this.#onLost(message.taken, message.grantedBytes);
  }

  /** With the link. `bytes`: a last message of the ping channel, after all that was sent over TCP. */
  end(bytes?: Uint8Array): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const state = this.#state;
    if (state.kind === 'expecting' || state.kind === 'calling') state.cancel();
    if (state.kind === 'open') {
      if (bytes === undefined) state.stream.destroy();
      else {
        state.stream.send(FRAME.control, bytes);
        state.stream.finish();
      }
    }
    this.#state = IDLE;
    this.#unsure.clear();
  }

  get #isNear(): boolean {
    // On one machine a long round trip is a busy processor's, which TCP relieves.
    return this.#leastRoundTripMs <= MAX_TCP_ROUND_TRIP_MS || this.#options.host()?.startsWith('127.') === true;
  }

  get #isWorthIt(): boolean {
    return this.#isNear && this.#callsMade < MAX_CALLS_OF_LINK && this.#options.host() !== undefined;
  }

  /** Has the other end call. */
  #reach(nowMs: number): void {
    const { calls, publicKey, tell } = this.#options;
    const host = this.#options.host();
    if (host === undefined) return;
    this.#callsMade += 1;
    const token = new Uint8Array(randomBytes(TOKEN_BYTES));
    const cancel = calls.expect({ host, publicKey, token, onCall: (stream) => this.#onCall(stream) });
    this.#state = { kind: 'expecting', untilMs: nowMs + EXPECTED_MS, cancel };
    tell({ kind: 'reach', port: calls.port, token });
  }

  #onReach(port: number, token: Uint8Array): void {
    const state = this.#state;
    if (state.kind === 'expecting') state.cancel();
    else if (state.kind !== 'idle') return; // it crossed with what we are at
    this.#state = IDLE;
    const nowMs = this.#options.nowMs();
    this.#asked = { port, token, untilMs: nowMs + EXPECTED_MS / 2 };
    this.#callBack(nowMs);
  }

  /** Calls the other end as it asked to be, if it is near; whether it is may have to be measured first. */
  #callBack(nowMs: number): void {
    const { calls, publicKey, ping } = this.#options;
    const { port, token, untilMs } = this.#asked!;
    if (!this.#isNear && this.#samples <= EXTRA_SAMPLES && nowMs < untilMs) return ping();
    this.#asked = undefined;
    const host = this.#options.host();
    if (port < MIN_TCP_PORT || host === undefined || !this.#isWorthIt) return this.#notReached();
    this.#callsMade += 1;
    const cancel = calls.call({ host, port, publicKey, token }, (stream) => this.#onCalled(stream));
    this.#state = { kind: 'calling', cancel, isSwitched: false };
  }

  #onCalled(stream: TcpStream | undefined): void {
    const state = this.#state;
    if (state.kind !== 'calling') return stream?.destroy();
    if (stream !== undefined) return this.#open(stream, state.isSwitched);
    this.#state = IDLE;
    // It has agreed, and sends by a stream that we do not have.
    if (state.isSwitched) this.#sayLost(false);
    else this.#notReached();
  }

  /** We could not call: the end that dialled the link had the first turn, and the other one has the second. */
  #notReached(): void {
    const nowMs = this.#options.nowMs();
    if (this.#options.initiator && this.#options.calls.port !== 0 && this.#isWorthIt) this.#reach(nowMs);
    else this.#failed(nowMs);
  }

  #onCall(stream: TcpStream): void {
    if (this.#state.kind !== 'expecting' || this.#isEnded) return stream.destroy();
    stream.send(FRAME.welcome, new Uint8Array(0));
    this.#open(stream, false);
  }

  #open(stream: TcpStream, mayRead: boolean): void {
    const nowMs = this.#options.nowMs();
    this.#state = { kind: 'open', stream, sinceMs: nowMs };
    this.#mayRead = mayRead;
    this.#hasHeard = false;
    this.#liveness = new Liveness(nowMs);
    this.#sent = this.#taken = this.#toldTaken = this.#surelyTaken = 0;
    this.#toldTakenAtMs = nowMs;
    this.#unsure.clear();
    stream.agreed({
      frame: (kind, bytes) => this.#onFrame(kind, bytes),
      drained: () => this.#options.wayIsFree(),
      closed: () => this.#sayLost(true),
    });
    this.#options.tell({ kind: 'switch' });
    if (mayRead) this.#go(stream);
    this.#options.wayIsFree();
  }

  #onSwitch(): void {
    const state = this.#state;
    switch (state.kind) {
      case 'open':
        if (this.#mayRead) return this.#options.violated();
        this.#mayRead = true;
        return this.#go(state.stream);
      case 'calling':
        if (state.isSwitched) return this.#options.violated();
        state.isSwitched = true;
        return;
      case 'lost':
        return; // it crossed with our `lost`
      default:
        // It took a call of ours that we have given up.
        if (state.kind === 'expecting') state.cancel();
        return this.#sayLost(false);
    }
  }

  #go(stream: TcpStream): void {
    stream.send(FRAME.taken, encodeTaken(0)); // shows that it is read
    stream.go();
  }

  #onFrame(kind: number, bytes: Uint8Array): void {
    const { violated, controlled, received, nowMs, alive } = this.#options;
    this.#hasHeard = true;
    alive();
    this.#liveness.heard(nowMs());
    if (kind === FRAME.control) return controlled(bytes);
    if (kind === FRAME.taken) {
      const taken = decodeTaken(bytes);
      if (taken === undefined || !this.#wasTaken(taken)) violated();
      return;
    }
    if (kind < FRAME.firstChannel || kind >= FRAME_KINDS) return violated();
    this.#taken += 1;
    received(CARRIED_CHANNELS[kind - FRAME.firstChannel]!, bytes);
  }

  /** False when it cannot be. */
  #wasTaken(taken: number): boolean {
    if (taken < this.#surelyTaken || taken > this.#sent) return false;
    for (; this.#surelyTaken < taken; this.#surelyTaken += 1) this.#unsure.shift(lengthOf);
    return true;
  }

  #tellTaken(): void {
    if (this.#state.kind !== 'open' || this.#taken === this.#toldTaken) return;
    this.#toldTaken = this.#taken;
    this.#toldTakenAtMs = this.#options.nowMs();
    this.#state.stream.send(FRAME.taken, encodeTaken(this.#taken));
  }

  #look(nowMs: number, sinceMs: number): void {
    if (nowMs - this.#toldTakenAtMs >= TAKEN_EVERY_MS) this.#tellTaken();
    if (!this.#hasHeard) {
      if (nowMs - sinceMs >= FIRST_HEARD_MS) this.#sayLost(true);
      return;
    }
    if (this.isUnsure) this.#liveness.sent(nowMs);
    const verdict = this.#liveness.check(nowMs);
    if (verdict === 'gone') return this.#sayLost(true);
    if (verdict === 'nothing') return;
    this.#liveness.pinged(nowMs);
    this.#options.ping();
  }

  /** TCP is of no use any more. */
  #sayLost(wasOpen: boolean): void {
    if (this.#isEnded) return;
    const { nowMs, tell, grantedBytes } = this.#options;
    if (this.#state.kind === 'open') {
      this.#state.stream.destroy();
      if (nowMs() - this.#state.sinceMs >= LONG_LIFE_MS) this.#failures = this.#callsMade = 0;
    }
    if (!wasOpen) {
      this.#sent = this.#taken = this.#surelyTaken = 0;
      this.#unsure.clear();
    }
    this.#state = { kind: 'lost', wasOpen };
    this.#asked = undefined;
    tell({ kind: 'lost', taken: this.#taken, grantedBytes: grantedBytes() });
  }

  #onLost(taken: number, grantedBytes: number): void {
    const { violated, returned, wasGranted, wayIsFree, nowMs } = this.#options;
    if (this.#state.kind === 'open') this.#sayLost(true);
    else if (this.#state.kind === 'calling' && this.#state.isSwitched) {
      this.#state.cancel();
      this.#sayLost(false);
    }
    if (this.#state.kind !== 'lost' || !this.#wasTaken(taken)) return violated();
    const { wasOpen } = this.#state;
    const messages: CarriedMessage[] = [];
    for (let message = this.#unsure.shift(lengthOf); message !== undefined; message = this.#unsure.shift(lengthOf)) {
      messages.push(message);
    }
    this.#failed(nowMs());
    wasGranted(grantedBytes);
    if (!wasOpen) return;
    returned(messages);
    wayIsFree();
  }

  #failed(nowMs: number): void {
    this.#state = IDLE;
    this.#asked = undefined;
    this.#nextTryMs = nowMs + Math.min(MAX_REST_MS, FIRST_REST_MS * 2 ** this.#failures);
    this.#failures += 1;
  }
}

function lengthOf(message: CarriedMessage): number {
  return message.bytes.length;
}
