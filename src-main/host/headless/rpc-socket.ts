/** The contract over WebSocket, for as many windows and commands as there may be, each behind the same checks. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { MIB } from '../../../shared/base/units.ts';
import { EVENTS } from '../../../shared/ipc/contract.ts';
import type { EventName, EventValue } from '../../../shared/ipc/contract.ts';
import { serveContract } from '../../../shared/ipc/rpc.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import { SUBPROTOCOL } from './access.ts';

/** Windows and commands at once. A guess: a person has a few; a script that leaks them is stopped here. */
export const MAX_SOCKETS = 64;
/** Longest message to the node: a link and a description fit in a hundredth of it. */
export const MAX_MESSAGE_BYTES = MIB;
/** What may wait for a window that does not read; beyond it the window is cut off and connects anew. */
export const MAX_WAITING_BYTES = 16 * MIB;

/** What the services offer to an interface, however it is connected. */
export interface ContractSource {
  readonly handlers: Handlers;
  /** Returns the function that ends it. */
  on<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void;
}

export interface RpcSockets {
  /** Takes over a socket that was checked already. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly count: number;
  close(): void;
}

export function createRpcSockets(source: ContractSource): RpcSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const serve = (socket: WebSocket): void => {
    const post = (text: string): void => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > MAX_WAITING_BYTES) socket.terminate();
      else socket.send(text);
    };
    const { emit } = serveContract(
      {
        post,
        onMessage: (listener) => {
          socket.on('message', (data, isBinary) => {
            if (isBinary) socket.close(1003);
            else listener(String(data));
          });
        },
      },
      source.handlers,
    );
    const endings = (Object.keys(EVENTS) as EventName[]).map((name) => source.on(name, (value) => emit(name, value)));
    socket.on('close', () => {
      for (const end of endings) end();
    });
    // A broken frame or a message that is too long; 'close' follows.
    socket.on('error', () => {});
  };
  return {
    upgrade(request, socket, head) {
      if (server.clients.size >= MAX_SOCKETS) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, serve);
    },
    get count() {
      return server.clients.size;
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
