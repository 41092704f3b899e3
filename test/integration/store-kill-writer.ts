/**
 * The process that store-kill.test.ts kills: puts records as fast as it can and prints the number of each that was
 * acknowledged, a line each. Arguments: path of the store, first number.
 */
import { openSqliteBlockStore } from '../../src-main/storage/sqlite/block-store.ts';
import { createSodiumCrypto } from '../../src-main/workers/sodium/crypto.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { numberedEntry } from './store-kill-entries.ts';

const UNDER_WAY = 64;

const [path, first] = process.argv.slice(2);
const crypto = createSodiumCrypto();
const store = await openSqliteBlockStore({ path: path!, quotaBytes: 100e9, crypto, random: createSystemRandom() });
let next = Number(first);
async function putOn(): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    const outcome = await store.put(numberedEntry(crypto, number));
    if (outcome !== 'stored') throw new Error(`${number}: ${outcome}`);
    process.stdout.write(`${number}\n`);
  }
}
await Promise.all(Array.from({ length: UNDER_WAY }, putOn));
