/** Waiting for a daemon's neighbours, so that nothing begins in a network that is still forming. */
import type { Status } from '../../../shared/ipc/model.ts';
import type { ContractClient } from '../../../shared/ipc/rpc.ts';

/** Resolves when the daemon has so many links. */
export async function untilLinks(client: ContractClient, links: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (status: Status): void => {
      if (status.links < links) return;
      stop();
      resolve();
    };
    const stop = client.on('status', look);
    client.call('status.get', null).then(look, reject);
  });
}
