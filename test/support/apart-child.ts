/**
 * A node in a process of its own that cannot meet some others, as behind some pairs of routers: `fork` with [directory, network, bootstrap, public
 * key of one that it cannot meet ...]. Serves the contract over the channel of the two processes, and sends `{ ready: public key }` first.
 */
import { toHex } from '../../shared/base/bytes.ts';
import { EVENTS } from '../../shared/ipc/contract.ts';
import type { EventName } from '../../shared/ipc/contract.ts';
import { serveContract } from '../../shared/ipc/rpc.ts';
import { composeNode } from '../../src-main/host/compose.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';

const [directory, network, bootstrap, ...apart] = process.argv.slice(2);
const node = await composeNode({
  directory: dataDirectoryAt(directory!),
  what: 'a test',
  network,
  bootstrap: [bootstrap!],
  cannotMeet: (publicKey) => apart.includes(toHex(publicKey)),
  onDefect: (thrown) => {
    throw thrown;
  },
});
const { emit } = serveContract(
  {
    post: (text) => void process.send?.(text),
    onMessage: (listener) => void process.on('message', (text) => listener(String(text))),
  },
  node.contract.handlers,
);
for (const name of Object.keys(EVENTS) as EventName[]) node.contract.on(name, (value) => emit(name, value));
process.once('disconnect', () => void node.stop().then(() => process.exit(0)));
process.send!({ ready: node.publicKey });
