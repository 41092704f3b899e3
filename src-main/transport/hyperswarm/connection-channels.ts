import type HyperDHT from 'hyperdht';
import Protomux from 'protomux';

import { OFFERED_CHANNELS } from './channels.ts';
import type { CarriedChannel } from './channels.ts';
import type { FrameVerdict } from './frames.ts';
import { RAW_ENCODING } from './raw-encoding.ts';
import { ScreenedStream } from './screened-stream.ts';

/** Channels that one end may do without: a link is none the worse for it. */
const SPARE_CHANNELS: ReadonlySet<string> = new Set(['path', 'relay']);

type Name = 'ping' | 'path' | CarriedChannel;

interface ChannelsOptions {
  readonly onMessage: Readonly<Record<Name, (bytes: Uint8Array) => void>>;
  /** Of these no channel is opened. */
  readonly without: ReadonlySet<Name>;
  /** One more is open at both ends. */
  readonly onOpen: () => void;
  /** The other end closed one, or refused one that it has to have. */
  readonly onEnd: () => void;
  readonly onRefusedFrame: (verdict: Exclude<FrameVerdict, 'pass'>) => void;
}

/** The channels of one secret stream. */
export class ConnectionChannels {
  readonly #channels = new Map<Name, Protomux.Channel>();
  readonly #mux: Protomux;

  constructor(stream: HyperDHT.SecretStream, options: ChannelsOptions) {
    this.#mux = new Protomux(new ScreenedStream(stream, options.onRefusedFrame));
    for (const name of ['ping', ...OFFERED_CHANNELS, 'path', 'relay'] as const) {
      if (!options.without.has(name)) this.#channels.set(name, this.#open(name, options));
    }
  }

  isOpen(name: Name): boolean {
    return this.#channels.get(name)?.opened === true;
  }

  /** Both ends opened all that a link has to have. */
  get areReady(): boolean {
    return OFFERED_CHANNELS.every((name) => this.isOpen(name));
  }

  /** False when the stream takes no more for now; the message is taken all the same. */
  send(name: Name, bytes: Uint8Array): boolean {
    return this.#channels.get(name)!.messages[0]!.send(bytes);
  }

  #open(name: Name, { onMessage, onOpen, onEnd }: ChannelsOptions): Protomux.Channel {
    const channel = this.#mux.createChannel({
      protocol: `broadside/${name}/1`,
      messages: [{ encoding: RAW_ENCODING, onmessage: onMessage[name] }],
      onopen: () => queueMicrotask(onOpen),
      onclose: () => {
        if (channel?.opened === true || !SPARE_CHANNELS.has(name)) onEnd();
      },
    });
    if (channel === null) throw new Error('a channel cannot be opened on a destroyed stream');
    channel.open();
    return channel;
  }
}
