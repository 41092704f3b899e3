import { EventEmitter } from 'node:events';

import type HyperDHT from 'hyperdht';

import { FrameScreen } from './frames.ts';
import type { FrameVerdict } from './frames.ts';

/**
 * The secret stream as Protomux sees it: only frames that passed the screen. `pause` and `resume` do nothing, because
 * UDX goes on receiving into memory when its stream is paused (measured: 200 MB after a pause); the link's credit bounds
 * what the other end may send instead.
 */
export class ScreenedStream extends EventEmitter {
  userData: unknown = null;
  readonly #stream: HyperDHT.SecretStream;

  constructor(stream: HyperDHT.SecretStream, onRefused: (verdict: Exclude<FrameVerdict, 'pass'>) => void) {
    super();
    this.#stream = stream;
    const screen = new FrameScreen();
    stream.on('data', (frame: Buffer) => {
      if (stream.destroying) return;
      const verdict = screen.check(frame);
      if (verdict === 'pass') this.emit('data', frame);
      else onRefused(verdict);
    });
    stream.on('drain', () => this.emit('drain'));
    stream.on('end', () => this.emit('end'));
    stream.on('close', () => this.emit('close'));
  }

  get destroyed(): boolean {
    return this.#stream.destroyed;
  }

  alloc(length: number): Buffer {
    return this.#stream.alloc(length);
  }

  write(bytes: Uint8Array): boolean {
    return this.#stream.write(bytes);
  }

  pause(): void {}

  resume(): void {}

  end(): void {
    this.#stream.end();
  }

  destroy(error?: Error): void {
    this.#stream.destroy(error);
  }
}
