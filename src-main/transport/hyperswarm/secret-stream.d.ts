/** What we use of a library that brings no types. */

declare module '@hyperswarm/secret-stream' {
  import type { EventEmitter } from 'node:events';
  import type { Duplex } from 'node:stream';

  /** A Noise secret stream over any stream of bytes; each write arrives as one 'data'. */
  export default class SecretStream extends EventEmitter {
    constructor(
      isInitiator: boolean,
      rawStream: Duplex,
      options: {
        readonly pattern: 'IK' | 'XX';
        readonly keyPair: { readonly publicKey: Buffer; readonly secretKey: Buffer };
        readonly remotePublicKey?: Buffer;
      },
    );
    /** Null until it is open. */
    readonly remotePublicKey: Buffer | null;
    alloc(length: number): Buffer;
    /** False when the stream is full; what was given is queued all the same. */
    write(bytes: Uint8Array): boolean;
    pause(): void;
    resume(): void;
    end(): void;
    destroy(error?: Error): void;
  }
}
