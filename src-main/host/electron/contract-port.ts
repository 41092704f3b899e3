/** The contract over MessagePort: one port for each load of the interface, closed with it. */
import { MessageChannelMain } from 'electron';
import type { MessagePortMain, WebContents } from 'electron';
import type { EventName } from '../../../shared/ipc/contract.ts';
import { EVENTS } from '../../../shared/ipc/contract.ts';
import { serveContract } from '../../../shared/ipc/rpc.ts';
import type { ContractSource } from '../headless/rpc-socket.ts';
import { CHANNELS } from './channels.ts';

/** Gives the page a new port; the returned function closes it. */
export function connectPage(page: WebContents, source: ContractSource): () => void {
  const { port1, port2 } = new MessageChannelMain();
  const close = servePort(port1, source);
  page.postMessage(CHANNELS.port, null, [port2]);
  return close;
}

function servePort(port: MessagePortMain, source: ContractSource): () => void {
  const { emit } = serveContract(
    {
      post: (text) => port.postMessage(text),
      onMessage: (listener) =>
        port.on('message', ({ data }) => {
          if (typeof data === 'string') listener(data);
        }),
    },
    source.handlers,
  );
  const stops = (Object.keys(EVENTS) as EventName[]).map((name) => source.on(name, (value) => emit(name, value)));
  port.on('close', () => {
    for (const stop of stops) stop();
  });
  port.start();
  return () => port.close();
}
