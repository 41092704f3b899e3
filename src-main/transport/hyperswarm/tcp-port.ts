import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

import type HyperDHT from 'hyperdht';

import { bytesEqual, toHex } from '../../../shared/base/bytes.ts';
import { FRAME } from './path-messages.ts';
import { TcpStream } from './tcp-stream.ts';

/** Calls that have not said yet which link they are for; more are hung up. Each holds some kilobytes for 5 s at most. */
const MAX_HALF_OPEN = 64;
/** Of one address, for each link to it that waits for a call: the one that is lost may not have ended yet. */
const HALF_OPEN_OF_EXPECTED = 2;
/** Calls of ours under way at once; more are not made. */
const MAX_CALLS = 16;
/** Nobody listens below this but servers that are no node: no call goes there, whatever a neighbour says (RFC 6335). */
export const MIN_TCP_PORT = 1_024;

/** A link whose other end was told where to call, and with what token. */
export interface Expected {
  /** The address that the link's UDX comes from: a call from anywhere else is hung up unheard. */
  readonly host: string;
  readonly publicKey: Uint8Array;
  readonly token: Uint8Array;
  /** It called, and proved who it is. Answer or destroy it. */
  readonly onCall: (stream: TcpStream) => void;
}

export interface Called {
  readonly host: string;
  readonly port: number;
  readonly publicKey: Uint8Array;
  readonly token: Uint8Array;
}

/** Calls by TCP between ends of links that are up. */
export interface TcpCalls {
  /** Where others are to call; 0 for nowhere. */
  readonly port: number;
  /** What is returned ends it. */
  expect(expected: Expected): () => void;
  /** Told once: the stream, held, when the other end has agreed, or undefined. What is returned gives it up, untold. */
  call(called: Called, onEnd: (stream: TcpStream | undefined) => void): () => void;
}

/**
 * The TCP port of a node, bound to the host of its DHT. It is open to the ends of links that were told to call, from where their UDX
 * comes from; everybody else is hung up before a byte is read.
 */
export class TcpPort implements TcpCalls {
  readonly #keyPair: HyperDHT.HyperKeyPair;
  readonly #host: string | undefined;
  readonly #expected = new Set<Expected>();
  /** Who called and has not said yet for which link, with the address. */
  readonly #halfOpen = new Map<TcpStream, string>();
  readonly #calls = new Set<() => void>();
  #server: Server | undefined;
  #port = 0;

  constructor(keyPair: HyperDHT.HyperKeyPair, host: string | undefined) {
    this.#keyPair = keyPair;
    this.#host = host;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens at the number that is asked for (the UDP port's, so that one rule of a router fits both) or at any other. Never rejects. */
  async listen(preferredPort: number): Promise<void> {
    for (const port of [preferredPort, 0]) {
      const server = createServer((socket) => this.#onSocket(socket));
      const isOpen = await new Promise<boolean>((resolve) => {
        server.once('listening', () => resolve(true));
        server.once('error', () => resolve(false));
        server.listen(port, this.#host ?? '0.0.0.0');
      });
      if (!isOpen) continue;
      server.on('error', () => {}); // one call that cannot be taken (no descriptors left) is not the end of all
      this.#server = server;
      this.#port = (server.address() as AddressInfo).port;
      return;
    }
  }

  stop(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#port = 0;
    for (const cancel of [...this.#calls]) cancel();
    for (const stream of [...this.#halfOpen.keys()]) stream.destroy();
    this.#halfOpen.clear();
    this.#expected.clear();
  }

  expect(expected: Expected): () => void {
    this.#expected.add(expected);
    return () => this.#expected.delete(expected);
  }

  call(called: Called, onEnd: (stream: TcpStream | undefined) => void): () => void {
    if (this.#calls.size >= MAX_CALLS) {
      queueMicrotask(() => onEnd(undefined));
      return () => {};
    }
    const localAddress = this.#host === undefined ? {} : { localAddress: this.#host };
    const socket = connect({ host: called.host, port: called.port, family: 4, ...localAddress });
    const settle = (result: TcpStream | undefined): void => {
      this.#calls.delete(cancel);
      onEnd(result);
    };
    const stream = new TcpStream(socket, {
      keyPair: this.#keyPair,
      remotePublicKey: called.publicKey,
      opened: () => stream.send(FRAME.greeting, called.token),
      handlers: {
        frame: (kind, bytes) => {
          if (kind !== FRAME.welcome || bytes.length !== 0) {
            stream.destroy();
            return settle(undefined);
          }
          stream.hold();
          settle(stream);
        },
        drained: () => {},
        closed: () => settle(undefined),
      },
    });
    const cancel = (): void => {
      this.#calls.delete(cancel);
      stream.destroy();
    };
    this.#calls.add(cancel);
    return cancel;
  }

  #onSocket(socket: Socket): void {
    const host = socket.remoteAddress;
    socket.on('error', () => {});
    if (host === undefined || !this.#mayOpen(host)) {
      socket.destroy();
      return;
    }
    const stream: TcpStream = new TcpStream(socket, {
      keyPair: this.#keyPair,
      opened: () => {
        if (this.#findExpected(host, stream.remotePublicKey) === undefined) this.#hangUp(stream);
      },
      handlers: {
        frame: (kind, bytes) => {
          this.#halfOpen.delete(stream);
          const expected =
            kind === FRAME.greeting ? this.#findExpected(host, stream.remotePublicKey, bytes) : undefined;
          if (expected === undefined) return this.#hangUp(stream);
          this.#expected.delete(expected);
          stream.hold();
          expected.onCall(stream);
        },
        drained: () => {},
        closed: () => this.#halfOpen.delete(stream),
      },
    });
    this.#halfOpen.set(stream, host);
  }

  #hangUp(stream: TcpStream): void {
    this.#halfOpen.delete(stream);
    stream.destroy();
  }

  #mayOpen(host: string): boolean {
    let expected = 0;
    for (const each of this.#expected) if (each.host === host) expected += 1;
    let open = 0;
    for (const each of this.#halfOpen.values()) if (each === host) open += 1;
    return this.#halfOpen.size < MAX_HALF_OPEN && open < expected * HALF_OPEN_OF_EXPECTED;
  }

  #findExpected(host: string, publicKey: Uint8Array, token?: Uint8Array): Expected | undefined {
    const keyHex = toHex(publicKey);
    for (const each of this.#expected) {
      const isIt = each.host === host && toHex(each.publicKey) === keyHex;
      if (isIt && (token === undefined || bytesEqual(each.token, token))) return each;
    }
    return undefined;
  }
}
