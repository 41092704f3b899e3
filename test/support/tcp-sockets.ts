/** Every TCP socket that is opened in this process while it is watched, by either end: so that a test can break what no one else sees. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

export class TcpSockets {
  readonly called: Socket[] = [];
  readonly taken: Socket[] = [];
  /** Told of each at once. */
  onCalled: (socket: Socket) => void = () => {};
  onTaken: (socket: Socket) => void = () => {};
  readonly #onClient = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.called.push(socket);
    this.onCalled(socket);
  };
  readonly #onServer = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    this.taken.push(socket);
    this.onTaken(socket);
  };

  constructor() {
    subscribe('net.client.socket', this.#onClient);
    subscribe('net.server.socket', this.#onServer);
  }

  stop(): void {
    unsubscribe('net.client.socket', this.#onClient);
    unsubscribe('net.server.socket', this.#onServer);
  }
}
