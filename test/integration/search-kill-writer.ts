/**
 * The process that search-kill.test.ts kills: changes lists as fast as it can and prints the source and the sequence of each change that was
 * acknowledged, a line each. Arguments: path of the index, first sequence.
 */
import { openSqliteSearchIndex } from '../../src-main/storage/sqlite/search-index.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { KILLED_SOURCES, killedChange, killedSource } from './search-kill-lists.ts';

const [path, first] = process.argv.slice(2);
const index = await openSqliteSearchIndex({ path: path!, random: createSystemRandom(), wallMs: () => Date.now() });

async function changeOn(source: number): Promise<never> {
  for (let sequence = Number(first); ; sequence += 1) {
    const outcome = await index.change(killedSource(source), killedChange(source, sequence));
    if (outcome !== 'done') throw new Error(`${source} ${sequence}: ${outcome}`);
    process.stdout.write(`${source} ${sequence}\n`);
  }
}
await Promise.all(Array.from({ length: KILLED_SOURCES }, (_, source) => changeOn(source)));
