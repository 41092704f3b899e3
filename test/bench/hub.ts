/**
 * The index of a hub with as much as Napster's own: 5,600 leaves with 225 files each, under names as people have them. The process that
 * builds it is killed, another opens what it left: so it goes for a hub. Queries are as people type them (lib/shared-names.ts),
 * and each is answered in full: found, ranked, read, handed to the thread of the node. Beside it stands FTS5 alone on the same file.
 * Run: npm run bench -- hub [--json] [--leaves 5600] [--queries 3000]
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { HITS_OF_CONTENT, HITS_OF_SOURCE } from '../../src-main/core/limits.ts';
import type { SearchIndex } from '../../src-main/core/search/index-port.ts';
import { parseQuery } from '../../src-main/core/search/query-text.ts';
import type { Query } from '../../src-main/core/search/query.ts';
import { tablePieces } from '../../src-main/core/search/word-table-patch.ts';
import { planQuery } from '../../src-main/storage/sqlite/search-query.ts';
import { FILE_WORDS } from '../../src-main/storage/sqlite/search-schema.ts';
import { openSqliteSearchIndex } from '../../src-main/storage/sqlite/search-index.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { percentile, Report } from './lib/report.ts';
import { SharedNames } from './lib/shared-names.ts';

const FILES_OF_LEAF = 225;
/** Leaves whose lists come at once. */
const LEAVES_AT_ONCE = 16;
const QUERIES_AT_ONCE = 16;
const BOUNDS = { limit: 500, perSource: HITS_OF_SOURCE, perContent: HITS_OF_CONTENT, todayDay: 20_000 };
/** The target: so many a second, and the wait at half of that. */
const TARGET_QUERIES = 500;
const SEED = 1;

interface Built {
  readonly seconds: number;
  readonly files: number;
  readonly residentBytes: number;
}

interface Served {
  readonly readyMs: number;
  readonly tableMs: number;
  readonly tableBytes: number;
  readonly sentTableBytes: number;
  readonly idleBytes: number;
  readonly peakBytes: number;
  readonly queriesPerSecond: number;
  readonly alone: readonly number[];
  /** Of all threads: what a query costs, whatever else the machine does. */
  readonly cpuMs: readonly number[];
  /** The index said that it does not keep up. */
  readonly refused: number;
  readonly atHalf: readonly number[];
  readonly whileChanging: readonly number[];
  readonly rawPerSecond: number;
  readonly rawRankedMs: readonly number[];
  readonly rawMs: readonly number[];
  readonly hits: number;
  readonly nothing: number;
  readonly slowest: readonly string[];
  readonly changeMs: readonly number[];
  readonly freeSeconds: number;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

function keyOf(leaf: number): Uint8Array {
  return seededRandom(leaf + 1).bytes(32);
}

async function open(path: string): Promise<SearchIndex> {
  return openSqliteSearchIndex({ path, random: createSystemRandom(), wallMs: () => Date.now() });
}

async function build(path: string, leaves: number): Promise<Built> {
  const index = await open(path);
  const names = new SharedNames(SEED);
  let next = 0;
  const startedMs = performance.now();
  const work = async (): Promise<void> => {
    while (next < leaves) {
      const leaf = next;
      next += 1;
      const added = names.list(FILES_OF_LEAF);
      const outcome = await index.change(keyOf(leaf), { generation: 1, sequence: 1, added, removed: [] });
      if (outcome !== 'done') throw new Error(`leaf ${leaf}: ${outcome}`);
      if (leaf % 500 === 0) say(`${leaf} lists after ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
    }
  };
  await Promise.all(Array.from({ length: LEAVES_AT_ONCE }, work));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { files } = await index.stats();
  return { seconds, files, residentBytes: process.resourceUsage().maxRSS * 1_024 };
}

async function serve(path: string, leaves: number, texts: readonly string[]): Promise<Served> {
  const startedMs = performance.now();
  const index = await open(path);
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    index.present(keyOf(leaf), { host: `198.${leaf >> 8}.${leaf & 255}.1`, port: 4_000, freeSlots: 1 });
  }
  const queries = texts.map(queryOf);
  await index.query(queries[0]!, BOUNDS);
  const readyMs = performance.now() - startedMs;
  const table = await index.wordTable();
  const tableMs = performance.now() - startedMs;
  const pieces = tablePieces(new Uint8Array(table.length), table);
  const idleBytes = process.memoryUsage.rss();
  const ask = (query: Query) => index.query(query, BOUNDS);
  // Warm, as a hub is that runs.
  await inParallel(queries, QUERIES_AT_ONCE, ask);

  const alone: number[] = [];
  const cpuMs: number[] = [];
  const perQuery: { text: string; ms: number }[] = [];
  let [hits, nothing] = [0, 0];
  for (const [number, query] of queries.slice(0, 1_000).entries()) {
    const beforeMs = performance.now();
    const before = process.cpuUsage();
    const answer = await ask(query);
    const { user, system } = process.cpuUsage(before);
    alone.push(performance.now() - beforeMs);
    cpuMs.push((user + system) / 1_000);
    perQuery.push({ text: texts[number]!, ms: alone.at(-1)! });
    hits += answer.hits.length;
    if (answer.hits.length === 0) nothing += 1;
  }
  perQuery.sort((a, b) => b.ms - a.ms);
  const beforeMs = performance.now();
  await inParallel(queries, QUERIES_AT_ONCE, ask);
  const queriesPerSecond = queries.length / ((performance.now() - beforeMs) / 1_000);
  let refused = 0;
  const askOrNot = async (query: Query): Promise<unknown> => ask(query).catch(() => void (refused += 1));
  const atHalf = await atRate(queries, TARGET_QUERIES / 2, askOrNot);
  // Before FTS5 alone, which has a cache of its own in this process.
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  const raw = rawFts(path, queries);

  // Leaves change their lists meanwhile: ten files come and ten go, 20 times a second.
  const names = new SharedNames(SEED + 1);
  const changeMs: number[] = [];
  let changing = true;
  const changes = (async () => {
    for (let number = 0; changing; number += 1) {
      const began = performance.now();
      const [leaf, list] = [keyOf(number % leaves), names.list(10)];
      const removed = number < leaves ? [] : list.map(({ root }) => root);
      await index.change(leaf, { generation: 1, sequence: 2 + number, added: list, removed });
      changeMs.push(performance.now() - began);
      await pause(Math.max(0, 50 - (performance.now() - began)));
    }
  })();
  const whileChanging = await atRate(queries.slice(0, 2_500), TARGET_QUERIES / 2, askOrNot);
  changing = false;
  await changes;

  const bytesBefore = (await index.stats()).usedBytes;
  const freeMs = performance.now();
  await Promise.all(Array.from({ length: Math.floor(leaves / 10) }, (_, leaf) => index.dropSource(keyOf(leaf))));
  let bytesAfter = bytesBefore;
  // A tenth of the leaves went; nine tenths of their room is to come back.
  while (bytesAfter > bytesBefore * 0.91 && performance.now() - freeMs < 120_000) {
    await pause(100);
    bytesAfter = (await index.stats()).usedBytes;
  }
  const freeSeconds = (performance.now() - freeMs) / 1_000;
  await index.close();
  return {
    ...{ readyMs, tableMs, tableBytes: table.length, idleBytes, peakBytes, queriesPerSecond },
    ...{ alone, cpuMs, atHalf, whileChanging, refused },
    ...{ sentTableBytes: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0), ...raw, hits, nothing, changeMs },
    ...{ slowest: perQuery.slice(0, 5).map(({ text, ms }) => `${text} (${ms.toFixed(1)} ms)`) },
    ...{ freeSeconds, bytesBefore, bytesAfter },
  };
}

/** FTS5 alone: numbers of the first hits in any order; and of the best by its own bm25, over a few queries, for that takes long. */
function rawFts(path: string, queries: readonly Query[]) {
  const database = new DatabaseSync(path, { readOnly: true });
  database.exec(`PRAGMA cache_size = -${96 * 1_024}`);
  // The parts of the words of files, as one: 250 of each eighth would be more than 250 of all.
  const [table = ''] = FILE_WORDS;
  const first = database.prepare(`SELECT rowid FROM ${table} WHERE ${table} MATCH ? LIMIT 250`);
  const best = database.prepare(`SELECT rowid FROM ${table} WHERE ${table} MATCH ? ORDER BY rank LIMIT 250`);
  const expressions = queries.map((query) => planQuery(query, () => 1, 1).match);
  for (const expression of expressions) first.all(expression);
  const rawMs = expressions.map((expression) => timed(() => first.all(expression)));
  const rawPerSecond = 1_000 / (rawMs.reduce((sum, ms) => sum + ms, 0) / rawMs.length);
  const rawRankedMs = expressions.slice(0, 300).map((expression) => timed(() => best.all(expression)));
  database.close();
  return { rawMs, rawPerSecond, rawRankedMs };
}

function timed(work: () => unknown): number {
  const beforeMs = performance.now();
  work();
  return performance.now() - beforeMs;
}

async function inParallel(queries: readonly Query[], underWay: number, ask: (query: Query) => Promise<unknown>) {
  let next = 0;
  const goOn = async (): Promise<void> => {
    while (next < queries.length) {
      next += 1;
      await ask(queries[next - 1]!);
    }
  };
  await Promise.all(Array.from({ length: underWay }, goOn));
}

/** Queries that come by themselves, as those of many people do (Poisson); milliseconds from when each came. */
async function atRate(queries: readonly Query[], perSecond: number, ask: (query: Query) => Promise<unknown>) {
  const random = seededRandom(5);
  const took: number[] = [];
  const under: Promise<void>[] = [];
  const startedMs = performance.now();
  let dueMs = 0;
  for (const query of queries) {
    dueMs += (-Math.log((1 + random.below(2 ** 31)) / 2 ** 31) * 1_000) / perSecond;
    const waitMs = startedMs + dueMs - performance.now();
    if (waitMs > 0) await pause(waitMs);
    // A timer that fires late is the machine's delay as much as any other.
    const cameMs = startedMs + dueMs;
    under.push(ask(query).then(() => void took.push(performance.now() - cameMs)));
  }
  await Promise.all(under);
  return took;
}

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(`not a query: ${text}`);
  return parsed.query;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs a part in a process of its own, which is killed when it has said its figures. */
async function inProcess<Result>(part: 'build' | 'serve', path: string, leaves: number, texts: readonly string[]) {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, HUB_PART: part } });
  const exited = once(child, 'exit');
  child.send({ path, leaves, texts });
  const [message] = (await Promise.race([once(child, 'message'), exited.then(() => [undefined])])) as [unknown];
  child.kill('SIGKILL');
  await exited;
  if (message === undefined) throw new Error(`the process that should ${part} ended`);
  return message as Result;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      leaves: { type: 'string', default: '5600' },
      queries: { type: 'string', default: '3000' },
    },
  });
  const leaves = Number(values.leaves);
  const names = new SharedNames(SEED + 2);
  const texts: string[] = [];
  while (texts.length < Number(values.queries)) {
    const text = names.query();
    if (parseQuery(text).ok) texts.push(text);
  }
  const directory = mkdtempSync(join(tmpdir(), 'broadside-hub-'));
  try {
    const path = join(directory, 'search.db');
    const built = await inProcess<Built>('build', path, leaves, []);
    const diskBytes = statSync(path).size + (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0);
    print(built, diskBytes, await inProcess<Served>('serve', path, leaves, texts));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function print(built: Built, diskBytes: number, served: Served): void {
  const report = new Report('hub', SEED);
  const ms = (name: string, values: readonly number[], target?: string): void => {
    report.add({ name: `${name}, median`, value: percentile(values, 0.5), unit: 'ms' });
    report.add({ name: `${name}, p99`, value: percentile(values, 0.99), unit: 'ms', ...(target && { target }) });
  };
  report.add({ name: 'entries', value: built.files, unit: 'files', target: '1,260,000' });
  report.add({ name: 'built', value: built.files / built.seconds, unit: 'entries/s' });
  report.add({ name: 'memory while it is built, names included', value: built.residentBytes / MIB, unit: 'MiB' });
  report.add({ name: 'disk', value: diskBytes / MIB, unit: 'MiB' });
  report.add({ name: 'ready after kill -9', value: served.readyMs / 1_000, unit: 's', target: '<= 5' });
  report.add({ name: 'its word table after', value: served.tableMs / 1_000, unit: 's' });
  const told = { name: 'as it is', value: served.tableBytes / 1_024 };
  report.add({ name: 'word table, as it is sent', value: served.sentTableBytes / 1_024, unit: 'KiB', beside: told });
  report.add({ name: 'memory, nothing asked yet', value: served.idleBytes / MIB, unit: 'MiB' });
  report.add({ name: 'memory, at most', value: served.peakBytes / MIB, unit: 'MiB', target: '<= 600' });
  const raw = { name: 'FTS5, first 250 numbers', value: served.rawPerSecond };
  report.add({ name: 'queries', value: served.queriesPerSecond, unit: '/s', beside: raw, target: '>= 500' });
  report.add({ name: 'hits a query', value: served.hits / Math.min(1_000, served.alone.length), unit: '' });
  report.add({ name: 'queries without a hit', value: (100 * served.nothing) / served.alone.length, unit: '%' });
  ms('FTS5, first 250 numbers', served.rawMs);
  ms('FTS5, best 250 numbers by bm25', served.rawRankedMs);
  ms('a query alone', served.alone);
  ms('a query alone, time of processors', served.cpuMs);
  ms('a query at 250/s', served.atHalf, '<= 20');
  ms('a query at 250/s, while lists change', served.whileChanging, '<= 20');
  report.add({ name: 'queries refused at 250/s', value: served.refused, unit: '' });
  ms('a change of ten files, durable', served.changeMs);
  report.add({ name: 'disk back after a tenth left', value: served.freeSeconds, unit: 's', target: '<= 10' });
  report.print();
  say(`slowest alone: ${served.slowest.join('; ')}`);
  say(`disk ${(served.bytesBefore / MIB).toFixed(0)} MiB, then ${(served.bytesAfter / MIB).toFixed(0)} MiB`);
}

const part = process.env['HUB_PART'];
if (part === undefined) await main();
else {
  const [{ path, leaves, texts }] = (await once(process, 'message')) as [
    { path: string; leaves: number; texts: string[] },
  ];
  process.send!(part === 'build' ? await build(path, leaves) : await serve(path, leaves, texts));
}
