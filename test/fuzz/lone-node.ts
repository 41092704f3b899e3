/** A whole node in this process, on a DHT of its own where nobody else is: what stands behind the contract when its calls are fuzzed. */
import { composeNode } from '../../src-main/host/compose.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';
import type { ContractSource } from '../../src-main/host/headless/rpc-socket.ts';
import { startBootstrapper } from '../../src-main/transport/hyperswarm/bootstrapper.ts';

export interface LoneNode {
  readonly contract: ContractSource;
  stop(): Promise<void>;
}

export async function startLoneNode(directory: string): Promise<LoneNode> {
  const { bootstrap, stop } = await startBootstrapper();
  const node = await composeNode({
    directory: dataDirectoryAt(directory),
    what: 'a test',
    network: 'practice-edges',
    bootstrap,
    originUrl: (label) => `http://${label}.localhost:1/`,
    // As a rejection that nobody handles: whoever fuzzes listens for these.
    onDefect: (thrown) => void Promise.reject(thrown),
  });
  return {
    contract: node.contract as ContractSource,
    async stop() {
      await node.stop();
      await stop();
    },
  };
}
