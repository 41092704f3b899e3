import type { Socket } from 'node:net';

import SecretStream from '@hyperswarm/secret-stream';
import type HyperDHT from 'hyperdht';

import { guardFrames } from './frames.ts';
import { ownBytes } from './raw-encoding.ts';

/** Called and sealed by then, or given up: some round trips of the slowest line that TCP is used on. A guess. */
const TCP_OPENING_MS = 5_000;
/** Bytes that wait for the kernel above which `send` answers false: as many as wait on a link (limits.ts). */
const FULL_BYTES = 128 * 1024;

/** What was sent last takes so long at most to leave. */
const FINISH_MS = 1_000;

export interface TcpHandlers {
  /** `bytes` is the receiver's. */
  frame(kind: number, bytes: Uint8Array): void;
  /** There is room again after `send` had answered false. */
  drained(): void;
  /** By the other end, or by what is between: never after `destroy`. */
  closed(): void;
}

/**
 * A secret stream over TCP: Noise IK with the same keys as the link's own, so that both ends are proved and an end that does
 * not know our key learns nothing. Nothing but whole frames that passed their seal comes out of it.
 */
export class TcpStream {
  readonly #socket: Socket;
  readonly #secret: SecretStream;
  #handlers: TcpHandlers | undefined;
  #isClosed = false;
  /** Of what was sent since the secret stream had nothing left to hand on. */
  #waitingBytes = 0;
  #isFull = false;
  #isHeld = false;
  #held: Uint8Array[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `remotePublicKey`: of whom is called; the end that is called learns it. `opened` is told once, or `closed` is. */
  constructor(
    socket: Socket,
    options: {
      readonly keyPair: HyperDHT.HyperKeyPair;
      readonly remotePublicKey?: Uint8Array;
      readonly opened: () => void;
      readonly handlers: TcpHandlers;
    },
  ) {
    const { keyPair, remotePublicKey } = options;
    this.#socket = socket;
    this.#handlers = options.handlers;
    socket.setNoDelay(true);
    // Before the secret stream sees it, which makes room for whatever length a frame claims.
    guardFrames(socket, () => this.#end());
    this.#secret = new SecretStream(remotePublicKey !== undefined, socket, {
      pattern: 'IK',
      keyPair,
      ...(remotePublicKey === undefined ? {} : { remotePublicKey: Buffer.from(remotePublicKey) }),
    });
    this.#secret.on('error', () => {}); // told by 'close', which always follows
    this.#secret.on('close', () => this.#end());
    this.#secret.on('end', () => this.#end());
    this.#secret.on('data', (frame: Buffer) => this.#onFrame(frame));
    this.#secret.on('drain', () => this.#onDrain());
    this.#secret.once('open', () => !this.#isClosed && options.opened());
    this.#timer = setTimeout(() => this.#end(), TCP_OPENING_MS);
  }

  /** Proved once it is open; empty before. */
  get remotePublicKey(): Uint8Array {
    return new Uint8Array(this.#secret.remotePublicKey ?? []);
  }

  /** Both ends have agreed to use it; what comes is for these from now on. */
  agreed(handlers: TcpHandlers): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#handlers = handlers;
  }

  /** False when what waits is enough: `drained` comes. The frame is taken all the same. */
  send(kind: number, bytes: Uint8Array): boolean {
    if (this.#isClosed) return false;
    const frame = this.#secret.alloc(1 + bytes.length);
    frame[0] = kind;
    frame.set(bytes, 1);
    if (this.#secret.write(frame)) return true;
    this.#waitingBytes += frame.length;
    if (this.#waitingBytes > FULL_BYTES) this.#isFull = true;
    return !this.#isFull;
  }

  /** No frame comes until `go`. What the other end sends meanwhile waits with it, by TCP's own flow control. */
  hold(): void {
    this.#isHeld = true;
    this.#secret.pause();
  }

  go(): void {
    this.#isHeld = false;
    // Those that had come with the one before.
    while (!this.#isHeld && !this.#isClosed) {
      const frame = this.#held.shift();
      if (frame === undefined) break;
      this.#handlers?.frame(frame[0]!, frame.subarray(1));
    }
    if (!this.#isClosed && !this.#isHeld) this.#secret.resume();
  }

  /** Sends what waits, and then ends; what comes is not looked at any more. */
  finish(): void {
    this.#handlers = undefined;
    if (this.#isClosed) return;
    this.#secret.end();
    this.#timer = setTimeout(() => this.#end(), FINISH_MS);
  }

  destroy(): void {
    this.#handlers = undefined;
    this.#end();
  }

  #onFrame(frame: Uint8Array): void {
    if (this.#isClosed) return;
    if (frame.length === 0) return this.#end();
    const own = ownBytes(frame);
    if (this.#isHeld) this.#held.push(own);
    else this.#handlers?.frame(own[0]!, own.subarray(1));
  }

  #onDrain(): void {
    this.#waitingBytes = 0;
    if (!this.#isFull || this.#isClosed) return;
    this.#isFull = false;
    this.#handlers?.drained();
  }

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#held = [];
    this.#secret.destroy();
    this.#socket.destroy();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.closed();
  }
}
