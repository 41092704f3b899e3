import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLibraryStore } from '../../src-main/storage/sqlite/library-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { MemoryLibraryStore } from '../support/memory-stores.ts';
import { libraryStoreSuite } from './library-store.ts';

const crypto = createSodiumCrypto();
const random = createSystemRandom();

libraryStoreSuite('memory', async () => new MemoryLibraryStore());
libraryStoreSuite('sqlite', async (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-library-'));
  const store = await openLibraryStore({ path: join(directory, 'library.db'), key: random.bytes(32), crypto, random });
  context.after(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return store;
});
