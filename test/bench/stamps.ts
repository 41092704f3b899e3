/**
 * Stamps: tries a second, stamps a second, what they cost a publication of 64 MiB, and what they cost the thread of the
 * node, found there and found by threads. All by the processor's time but the publication. Run: npm run bench -- stamps
 */
import { MIB } from '../../shared/base/units.ts';
import { networkParameters } from '../../src-main/core/network-parameters.ts';
import { codedCount } from '../../src-main/core/publish/segments.ts';
import { findStamp } from '../../src-main/core/routing/stamps.ts';
import { stampBits } from '../../src-main/core/wire/stamp-bits.ts';
import { PAYLOAD_BYTES } from '../../src-main/core/wire/record.ts';
import { createStampKernel, TRIES } from '../../src-main/workers/stamps/kernel.ts';
import { createStampSearch } from '../../src-main/workers/stamps/search.ts';
import { StampingPool } from '../../src-main/workers/stamps/stamper.ts';
import { crypto } from '../support/mesh.ts';
import { median, Report } from './lib/report.ts';

/** 64 MiB and its check blocks, half as many. */
const BLOCKS = codedCount((64 * MIB) / PAYLOAD_BYTES, 0);
/** Asked for at once: alone, and as an upload does. */
const WIDTHS = [1, 16];
const PUBLIC_BITS = networkParameters('public').stampBits;
const PRACTICE_BITS = networkParameters('practice-bench').stampBits;

const report = new Report('stamps');
const search = createStampSearch();
const addresses = Array.from({ length: BLOCKS }, (_, at) => crypto.hash('bench', Uint8Array.of(at & 255, at >> 8)));

/** Microseconds of this thread that one call takes, whatever else the machine does: the median of seven rounds. */
function cost(action: () => unknown, calls: number): number {
  for (let call = 0; call < calls / 5; call += 1) action();
  const times: number[] = [];
  for (let round = 0; round < 7; round += 1) {
    const before = process.threadCpuUsage();
    for (let call = 0; call < calls; call += 1) action();
    const { user, system } = process.threadCpuUsage(before);
    times.push((user + system) / calls);
  }
  return median(times);
}

const kernel = createStampKernel(57);
const stamp = new Uint8Array(8);
report.add({
  name: 'tries of one thread',
  // No bits of the digest are free, so that all tries are made.
  value: TRIES / cost(() => kernel.search(-1), 2_000),
  unit: 'million/s',
  beside: {
    name: 'by H of the parts',
    value: 1 / cost(() => stampBits(crypto, addresses[0]!, stamp), 5_000),
  },
});
let next = 0;
const address = (): Uint8Array => addresses[(next += 1) % addresses.length]!;
report.add({
  name: 'check of a stamp',
  value: cost(() => stampBits(crypto, address(), stamp), 5_000),
  unit: 'us',
});
report.add({
  name: `stamps of ${PUBLIC_BITS} bits, one thread`,
  value: 1_000_000 / cost(() => search(address(), PUBLIC_BITS), 1_000),
  unit: 'stamps/s',
  beside: {
    name: 'by H of the parts',
    value: 1_000_000 / cost(() => findStamp(crypto, address(), PUBLIC_BITS), 100),
  },
});

/** Every stamp of the publication, `width` asked for at once: milliseconds until the last, and of this thread. */
async function publication(
  pool: StampingPool,
  bits: number,
  width: number,
): Promise<{ wallMs: number; mainMs: number }> {
  let at = 0;
  const startedMs = performance.now();
  const before = process.threadCpuUsage();
  const asker = async (): Promise<void> => {
    while (at < addresses.length) await pool.stamp(addresses[(at += 1) - 1]!, bits);
  };
  await Promise.all(Array.from({ length: width }, asker));
  const { user, system } = process.threadCpuUsage(before);
  return { wallMs: performance.now() - startedMs, mainMs: (user + system) / 1_000 };
}

const [here, threads] = [
  new StampingPool({ threads: 1, inlineBits: 24 }),
  new StampingPool({ threads: 1, inlineBits: -1 }),
];
for (const bits of [PRACTICE_BITS, 6, 8, PUBLIC_BITS]) {
  await publication(threads, bits, 16);
  for (const width of WIDTHS) {
    const rounds = async (pool: StampingPool) => {
      const times: { wallMs: number; mainMs: number }[] = [];
      for (let round = 0; round < 3; round += 1) times.push(await publication(pool, bits, width));
      return { wallMs: median(times.map((time) => time.wallMs)), mainMs: median(times.map((time) => time.mainMs)) };
    };
    const [inline, threaded] = [await rounds(here), await rounds(threads)];
    report.add({
      name: `of the node's thread a stamp of ${bits} bits, ${width} at once, by a thread`,
      value: (threaded.mainMs * 1_000) / BLOCKS,
      unit: 'us',
      beside: { name: 'found at once', value: (inline.mainMs * 1_000) / BLOCKS },
    });
    if (width === WIDTHS.at(-1) && (bits === PUBLIC_BITS || bits === PRACTICE_BITS)) {
      report.add({
        name: `64 MiB, ${BLOCKS} stamps of ${bits} bits, by a thread`,
        value: threaded.wallMs,
        unit: 'ms',
        beside: { name: 'found at once', value: inline.wallMs },
      });
    }
  }
}
await Promise.all([here.close(), threads.close()]);
report.print();
