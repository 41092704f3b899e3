/** Daemons that share folders, for tests of transfers between real processes. */
import type { ContractClient } from '../../shared/ipc/rpc.ts';

/** Shares a folder, and waits until `count` of its files are hashed; their links by name. */
export async function shareFolder(client: ContractClient, path: string, count = 1): Promise<Map<string, string>> {
  const { id } = await client.call('shares.add', { path });
  return new Promise((resolve, reject) => {
    const look = async (): Promise<void> => {
      const { files } = await client.call('shares.files', { id, from: 0 });
      const links = new Map(files.flatMap((file) => (file.link === undefined ? [] : [[file.name, file.link]])));
      if (links.size < count) return;
      stopListening();
      resolve(links);
    };
    const stopListening = client.on('shares', () => void look().catch(reject));
    look().catch(reject);
  });
}
