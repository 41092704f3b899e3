/** What we use of libraries that bring no types. */

declare module 'hyperdht' {
  import type { EventEmitter } from 'node:events';

  interface Address {
    readonly host: string;
    readonly port: number;
  }
  interface HyperKeyPair {
    readonly publicKey: Buffer;
    readonly secretKey: Buffer;
  }
  interface RawStream extends EventEmitter {
    readonly remoteHost: string | null;
    readonly remotePort: number;
    /** Packets of the other end, acknowledgements included. */
    readonly packetsReceived: number;
    /** Bytes sent and not acknowledged. */
    readonly inflight: number;
  }
  /** A Noise secret stream over UDX; each write arrives as one 'data'. */
  interface SecretStream extends EventEmitter {
    readonly isInitiator: boolean;
    readonly publicKey: Buffer;
    readonly remotePublicKey: Buffer;
    readonly rawStream: RawStream | null;
    readonly destroying: boolean;
    readonly destroyed: boolean;
    alloc(length: number): Buffer;
    write(bytes: Uint8Array): boolean;
    end(): void;
    destroy(error?: Error): void;
  }
  interface DhtServer extends EventEmitter {
    readonly relayAddresses: Address[];
    listen(keyPair: HyperKeyPair): Promise<unknown>;
    close(): Promise<void>;
  }
  interface LookupReply {
    readonly peers: ReadonlyArray<{ readonly publicKey: Buffer; readonly relayAddresses: Address[] }>;
  }
  /** Of another node, by UDP. */
  interface DhtRequest {
    readonly command: number;
    readonly target: Buffer | null;
    readonly from: Address;
  }
  interface Query extends AsyncIterable<LookupReply> {
    destroy(): void;
  }

  class HyperDHT extends EventEmitter {
    constructor(options: {
      bootstrap?: ReadonlyArray<string | Address>;
      nodes?: readonly Address[];
      keyPair?: HyperKeyPair;
      host?: string;
      port?: number;
      firewalled?: boolean;
      ephemeral?: boolean;
      connectionKeepAlive?: number | false;
      quickFirewall?: boolean;
    });
    static bootstrapper(port: number, host: string, options?: object): HyperDHT;
    static hash(bytes: Uint8Array): Buffer;
    readonly host: string | null;
    readonly port: number;
    readonly destroyed: boolean;
    /** False while all that is sent stays unanswered. */
    readonly online: boolean;
    readonly firewalled: boolean;
    bind(): Promise<void>;
    /** Rejects when there is no answer; `retry: false` sends one packet. */
    ping(address: Address, options?: { retry?: boolean }): Promise<unknown>;
    fullyBootstrapped(): Promise<void>;
    ready(): Promise<void>;
    address(): Address | null;
    localAddress(): Address | null;
    toArray(options?: { limit?: number }): Address[];
    createServer(
      options: { firewall?: (remotePublicKey: Buffer, payload: unknown, from: Address) => boolean },
      onConnection: (stream: SecretStream) => void,
    ): DhtServer;
    connect(publicKey: Buffer, options: { keyPair?: HyperKeyPair; relayAddresses?: readonly Address[] }): SecretStream;
    announce(topic: Buffer, keyPair: HyperKeyPair, relayAddresses: readonly Address[], options?: object): Query;
    lookup(topic: Buffer, options?: object): Query;
    unannounce(topic: Buffer, keyPair: HyperKeyPair, options?: object): Promise<void>;
    destroy(options?: { force?: boolean }): Promise<void>;
    /** False for a request that is not known. */
    onrequest(request: DhtRequest): boolean;
  }
  namespace HyperDHT {
    export type { Address, DhtRequest, DhtServer, HyperKeyPair, LookupReply, Query, RawStream, SecretStream };
  }
  export default HyperDHT;
}

declare module 'protomux' {
  interface EncodingState {
    start: number;
    end: number;
    buffer: Uint8Array;
  }
  interface Encoding {
    preencode(state: EncodingState, bytes: Uint8Array): void;
    encode(state: EncodingState, bytes: Uint8Array): void;
    decode(state: EncodingState): Uint8Array;
  }
  interface Message {
    /** False when the stream is full; what was given is queued all the same. */
    send(bytes: Uint8Array): boolean;
  }
  interface Channel {
    readonly opened: boolean;
    readonly closed: boolean;
    readonly messages: Message[];
    open(): void;
    close(): void;
  }
  class Protomux {
    constructor(stream: object);
    createChannel(options: {
      protocol: string;
      messages: ReadonlyArray<{ encoding: Encoding; onmessage: (bytes: Uint8Array) => void }>;
      onopen?: () => void;
      onclose?: () => void;
    }): Channel | null;
  }
  namespace Protomux {
    export type { Channel, Encoding, EncodingState, Message };
  }
  export default Protomux;
}
