/** Nodes of which there is only the relaying, on links that are arrays: for tests of what neighbours carry, and how they may cheat. */
import type HyperDHT from 'hyperdht';
import { toHex } from '../../shared/base/bytes.ts';
import { decodeRelay, encodeRelay } from '../../src-main/transport/hyperswarm/relay/messages.ts';
import type { RelayMessage } from '../../src-main/transport/hyperswarm/relay/messages.ts';
import type { RelayLink } from '../../src-main/transport/hyperswarm/relay/peer.ts';
import { Relays } from '../../src-main/transport/hyperswarm/relay/relays.ts';
import type { RelaySettings } from '../../src-main/transport/hyperswarm/relay/relays.ts';
import { testKeyPair } from './transport-peer.ts';

export type Of<Kind> = Extract<RelayMessage, { readonly kind: Kind }>;

export const FREE: RelaySettings = { consent: 'neighbours', bytesPerSecond: 0, bytesPerDay: 0 };
/** What all of them take for the time. */
export const clock = { nowMs: 1_000_000 };

/** One end of a link: what is sent is kept until the test, or `join`, passes it on. */
export class Line implements RelayLink {
  readonly publicKey: Uint8Array;
  readonly keyHex: string;
  readonly initiator: boolean;
  readonly roundTripMs = 10;
  readonly sent: RelayMessage[] = [];
  destroyed: string | undefined;
  isFull = false;
  /** Called at once with what is sent. */
  onSend: (bytes: Uint8Array) => void = () => {};

  constructor(publicKey: Uint8Array, initiator: boolean) {
    this.publicKey = publicKey;
    this.keyHex = toHex(publicKey);
    this.initiator = initiator;
  }

  send(_: 'relay', bytes: Uint8Array): boolean {
    if (this.destroyed !== undefined) return false;
    this.sent.push(decodeRelay(bytes)!);
    this.onSend(bytes);
    return !this.isFull;
  }

  destroy(reason: string): void {
    this.destroyed ??= reason;
  }

  of<Kind extends RelayMessage['kind']>(kind: Kind): Of<Kind>[] {
    return this.sent.filter((message): message is Of<Kind> => message.kind === kind);
  }
}

/** A node that knows of nothing but relaying. */
export class Node {
  readonly keys: ReturnType<typeof testKeyPair>;
  readonly relays: Relays;
  readonly streams: { readonly stream: HyperDHT.SecretStream; readonly relay: Uint8Array }[] = [];
  #onStream: () => void = () => {};

  constructor(number: number, settings: RelaySettings = FREE, isKnown = false) {
    this.keys = testKeyPair(number);
    this.relays = new Relays({
      keyPair: { publicKey: Buffer.from(this.keys.publicKey), secretKey: Buffer.from(this.keys.secretKey) },
      settings,
      isKnown: () => isKnown,
      isWanted: () => true,
      mayTake: () => true,
      onStream: (stream, _, relay) => {
        stream.on('error', () => {});
        stream.on('end', () => stream.destroy()); // as connections do
        this.streams.push({ stream, relay });
        this.#onStream();
      },
      nowMs: () => clock.nowMs,
    });
    started.push(this);
  }

  get key(): Uint8Array {
    return this.keys.publicKey;
  }

  async stream(): Promise<HyperDHT.SecretStream> {
    if (this.streams.length === 0) await new Promise<void>((resolve) => (this.#onStream = resolve));
    return this.streams[0]!.stream;
  }

  /** A link to another, whose end here is returned. */
  line(publicKey: Uint8Array, initiator: boolean): Line {
    const line = new Line(publicKey, initiator);
    this.relays.linkUp(line);
    return line;
  }

  hear(line: Line, message: RelayMessage): void {
    this.relays.received(line, encodeRelay(message));
  }
}

const started: Node[] = [];

export function stopNodes(): void {
  for (const node of started.splice(0)) {
    for (const { stream } of node.streams) stream.destroy();
    node.relays.stop();
  }
  clock.nowMs = 1_000_000;
}

/** Links two nodes. `between` sees what goes from a to b, and says what comes. */
export function join(
  a: Node,
  b: Node,
  between: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes],
): [Line, Line] {
  const [ab, ba] = [a.line(b.key, true), b.line(a.key, false)];
  ab.onSend = (bytes) => {
    for (const each of between(bytes)) queueMicrotask(() => b.relays.received(ba, each));
  };
  ba.onSend = (bytes) => queueMicrotask(() => a.relays.received(ab, bytes));
  return [ab, ba];
}

/** Two, and one between that the first asks. */
export function chain(between?: (bytes: Uint8Array) => Uint8Array[]): { asker: Node; relay: Node; target: Node } {
  const [asker, relay, target] = [new Node(0), new Node(1), new Node(2)];
  join(asker, relay);
  join(relay, target, between);
  asker.relays.search(target.key);
  return { asker, relay, target };
}

/** A node that carries, two that it is linked to, and one stream between them. */
export function desk(settings: RelaySettings = FREE, isKnown = false) {
  const relay = new Node(1, settings, isKnown);
  const [from, to] = [relay.line(testKeyPair(0).publicKey, false), relay.line(testKeyPair(2).publicKey, false)];
  const open = (number: number): number => {
    relay.hear(from, { kind: 'open', number, publicKey: to.publicKey });
    return to.of('offer').at(-1)?.number ?? -1;
  };
  const accepted = (number: number): number => {
    const offered = open(number);
    relay.hear(to, { kind: 'accept', number: offered });
    return offered;
  };
  return { relay, from, to, open, accepted };
}
