/**
 * Reading while one node in ten is slow: with slow blocks made of others, and waited for. Real processes.
 * Run: npm run bench -- hedging [--json]
 *
 * Slow is a node whose uplink takes two blocks a second. Every file is read once, because whoever is on the way keeps copies;
 * the two ways take turns.
 */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MIB } from '../../shared/base/units.ts';
import { PAYLOAD_BYTES } from '../../src-main/core/wire/record.ts';
import { composeNode } from '../../src-main/host/compose.ts';
import { dataDirectoryAt } from '../../src-main/host/data-directory.ts';
import { systemClock } from '../../src-main/services/jobs/clock.ts';
import { getPublication } from '../../src-main/services/read/get.ts';
import { createCombiner } from '../../src-main/workers/coding/combiner.ts';
import { createSystemRandom } from '../../src-main/workers/sodium/random.ts';
import { crypto } from '../support/mesh.ts';
import { jobEnd, startPractice } from '../support/practice.ts';
import { median, Report } from './lib/report.ts';

const NODES = 12;
const SLOW_NODES = 2;
const SLOW_BYTES_PER_SECOND = 2 * PAYLOAD_BYTES;
const SIZE = 8 * MIB;
const RUNS = 3;
const LEAST_LINKS = 6;
const CONNECT_TIMEOUT_MS = 60_000;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function benchHedging(report: Report): Promise<void> {
  const practice = await startPractice(NODES);
  try {
    const slow = await Promise.all(
      Array.from({ length: SLOW_NODES }, (_, index) => practice.startDaemon(`slow-${index}`)),
    );
    const publisher = await practice.startDaemon('publisher');
    const links: string[] = [];
    for (let run = 0; run < 2 * RUNS; run += 1) {
      const path = join(practice.directory, `file-${run}.bin`);
      writeFileSync(path, randomBytes(SIZE));
      const source = { kind: 'path', path } as const;
      const { job } = await publisher.client.call('publish.start', { source, k: 3, n: 10, class: 'fixed' });
      const ended = await jobEnd(publisher.client, job, 'publish');
      if (ended.link === undefined) throw new Error(`publishing failed: ${ended.error?.message}`);
      links.push(ended.link);
      rmSync(path);
      say(`published ${run + 1} of ${2 * RUNS}`);
    }
    // They keep what they were given while they were as quick as others.
    for (const { client } of slow)
      await client.call('config.set', { name: 'up-bytes-per-second', value: SLOW_BYTES_PER_SECOND });

    const reader = await composeNode({
      directory: dataDirectoryAt(join(practice.directory, 'reader')),
      what: 'the benchmark',
      network: practice.network,
      bootstrap: [practice.bootstrap],
      onDefect: (thrown) => say(String(thrown)),
    });
    try {
      if (!(await reader.node.waitForLinks(LEAST_LINKS, CONNECT_TIMEOUT_MS)))
        throw new Error('the reader has no links');
      const deps = {
        network: reader.node,
        crypto,
        combiner: createCombiner(),
        random: createSystemRandom(),
        clock: systemClock,
      };
      const seconds: Record<'hedged' | 'waiting', number[]> = { hedged: [], waiting: [] };
      for (const [run, link] of links.entries()) {
        const hedge = run % 2 === 0;
        const { seconds: took } = await getPublication(deps, { link, directory: practice.directory }, { hedge });
        seconds[hedge ? 'hedged' : 'waiting'].push(took);
        say(`${hedge ? 'hedged' : 'waiting'}: ${took.toFixed(1)} s`);
      }
      const rate = (times: readonly number[]): number => SIZE / MIB / median([...times]);
      const size = `${SIZE / MIB} MiB`;
      const waiting = { name: 'slow blocks waited for', value: rate(seconds.waiting) };
      report.add({
        name: `get ${size}, ${SLOW_NODES} of ${NODES + SLOW_NODES + 1} nodes slow: hedged`,
        value: rate(seconds.hedged),
        unit: 'MiB/s',
        beside: waiting,
      });
      report.add({ name: 'the same, slow blocks waited for', value: waiting.value, unit: 'MiB/s' });
    } finally {
      await reader.stop();
    }
  } finally {
    await practice.stop();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const report = new Report('hedging');
  await benchHedging(report);
  report.print();
}
