/**
 * A daemon of a practice network that is killed, as the power going, at random moments of all that it does: publishing, storing for
 * others, downloading, updating, deleting, hashing shared folders, bringing stores of earlier versions to the present one. After each
 * kill: all that it had told to be done is there, every database is whole and opens in 2 s, the lock of the dead process is taken over,
 * a second start is refused, and no temporary file is left.
 * Run: npm run soak -- kills [--kills 1000] [--seed NUMBER] [--works publishing,hashing] [--strict] [--json]
 *
 * The seed says what is done, with what, and when the kill comes; what the machine makes of that differs from run to run. --strict counts
 * opening times on the clock, for a machine that does nothing else. Ends with 1 at the first failure.
 */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MIB } from '../../shared/base/units.ts';
import { Report, rounded } from '../bench/lib/report.ts';
import { startPractice } from '../support/practice.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { shareFolder } from '../support/sharing.ts';
import { killMigrating } from './lib/kill-migrating.ts';
import { OPEN_WITHIN_MS, Victim } from './lib/kill-victim.ts';
import { deleting, downloading, hashing, Publications, publishing, storing, updating } from './lib/kill-works.ts';
import type { Stage, Work } from './lib/kill-works.ts';
import { untilLinks } from './lib/linked.ts';

const NODES = 5;
const SHARED_BYTES = 12 * MIB;
/** So that loading the file takes some seconds, in which the kill comes. */
const SOURCE_BYTES_PER_SECOND = 4 * MIB;
const SAY_EVERY = 10;
/** A second start is tried after so many kills. */
const SECOND_START_EVERY = 7;
/** What was interrupted is gone on with, and what is there is read: longest that this may take before it counts as hanging. Guess. */
const RECOVER_WITHIN_MS = 300_000;
const MIGRATING = 'migrating';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    works: { type: 'string' },
    strict: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
const kills = Number(values.kills);
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed) || seed < 0) {
  process.stderr.write('--kills takes a whole number from 1, --seed one from 0.\n');
  process.exit(2);
}
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const random = seededRandom(seed);
const report = new Report('soak kills');
const counts = new Map<string, number>();
say(`seed ${seed}; load ${loadavg().map(rounded).join(', ')}`);

const practice = await startPractice(NODES);
let where = 'before the first kill';
let failed = false;
try {
  const [other, source] = await Promise.all([practice.startDaemon('other'), practice.startDaemon('source')]);
  await Promise.all([other, source].map(({ client }) => untilLinks(client, 3)));
  const [directory, shared] = [join(practice.directory, 'files'), join(practice.directory, 'shared')];
  for (const path of [directory, shared]) await mkdir(path);
  const sharedBytes = Buffer.from(random.bytes(SHARED_BYTES));
  await writeFile(join(shared, 'film.bin'), sharedBytes);
  const sharedLink = (await shareFolder(source.client, shared)).get('film.bin')!;
  await source.client.call('config.set', { name: 'up-bytes-per-second', value: SOURCE_BYTES_PER_SECOND });
  const stage: Stage = { random, directory, other, source, sharedLink, sharedBytes };

  const victim = new Victim(practice, 'victim', values.strict === true);
  await victim.start();
  const publications = new Publications(stage);
  const all: readonly (Work | typeof MIGRATING)[] = [
    publishing(stage, publications),
    storing(stage, publications),
    downloading(stage),
    updating(stage, publications),
    deleting(publications),
    hashing(stage),
    MIGRATING,
  ];
  const nameOf = (work: (typeof all)[number]): string => (work === MIGRATING ? MIGRATING : work.name);
  const works = all.filter((work) => values.works === undefined || values.works.split(',').includes(nameOf(work)));
  if (works.length === 0) throw new Error(`--works takes some of ${all.map(nameOf).join(', ')}`);

  const startedMs = performance.now();
  for (let kill = 1; kill <= kills; kill += 1) {
    const work = works[random.below(works.length)]!;
    where = `kill ${kill}, ${nameOf(work)}`;
    if (work === MIGRATING) await killMigrating(practice, random, pause);
    else {
      const afterMs = random.below(work.withinMs);
      await work.begin(victim);
      if (kill % SECOND_START_EVERY === 0) await victim.assertSecondIsRefused();
      await pause(afterMs);
      where = `kill ${kill}, ${afterMs} ms after ${work.name} had begun`;
      await victim.kill();
      await work.whileDead?.(victim);
      // Else the daemon itself has to take in the log.
      if (random.below(2) === 0) {
        await victim.assertOpensSoon();
        await victim.assertWhole();
      }
      await victim.start();
      await victim.assertTidy();
      await within(RECOVER_WITHIN_MS, work.check(victim));
    }
    counts.set(nameOf(work), (counts.get(nameOf(work)) ?? 0) + 1);
    if (kill % SAY_EVERY === 0) progress(kill, performance.now() - startedMs, victim);
  }
  where = 'after the last kill';
  for (const published of publications.all) await publications.assertRead(published);
  await publications.assertListed(victim.daemon.client);
  await victim.daemon.stop();
  await victim.assertWhole();
  report.add({ name: 'kills', value: kills, unit: '' });
  for (const [name, count] of counts) report.add({ name: `kills while ${name}`, value: count, unit: '' });
  report.add({ name: 'publications read at the end', value: publications.all.length, unit: '' });
  report.add({ name: 'second starts that were refused', value: victim.refusedStarts, unit: '' });
  const target = `<= ${OPEN_WITHIN_MS} ms`;
  report.add({ name: 'slowest opening of the store, on the clock', value: victim.slowestOpenMs, unit: 'ms', target });
  report.add({ name: 'slowest start of the daemon, whole', value: victim.slowestStartMs, unit: 'ms' });
} catch (thrown) {
  failed = true;
  say(`FAILED at ${where}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  say(
    `again: npm run soak -- kills --kills ${kills} --seed ${seed}${values.works === undefined ? '' : ` --works ${values.works}`}`,
  );
} finally {
  await practice.stop();
}
if (!failed) report.print();
process.exitCode = failed ? 1 : 0;

function progress(kill: number, elapsedMs: number, victim: Victim): void {
  const perKillMs = elapsedMs / kill;
  const left = ((kills - kill) * perKillMs) / 60_000;
  const each = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
  say(
    `${kill} of ${kills} kills, ${rounded(60_000 / perKillMs)} a minute, ${rounded(left)} min left; slowest opening ` +
      `${rounded(victim.slowestOpenMs)} ms; ${each}`,
  );
}

async function within<Value>(timeoutMs: number, work: Promise<Value>): Promise<Value> {
  const stop = new AbortController();
  const late = pause(timeoutMs, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`what was interrupted is not gone on with, or not read, after ${timeoutMs / 1_000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}
