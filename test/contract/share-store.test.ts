import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSharesStore } from '../../src-main/storage/sqlite/shares-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { MemoryShareStore } from '../support/memory-stores.ts';
import { shareStoreSuite } from './share-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();

shareStoreSuite('memory', async () => new MemoryShareStore());
shareStoreSuite('sqlite', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-shares-'));
  const store = createSharesStore({ path: join(directory, 'shares.db'), key: random.bytes(32), crypto, random });
  context.after(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return store;
});
