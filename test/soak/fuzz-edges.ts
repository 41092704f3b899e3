/**
 * The edges of the daemon for a long time: HTTP requests, bytes that are none, WebSocket frames, and all calls of the contract (test/fuzz/edge-*).
 * Run: npm run soak -- fuzz-edges [--inputs 200000] [--only NAME] [--seed NUMBER] [--json]; `--only list` names them.
 *
 * A finding ends with 1 and is printed with its input, as hexadecimal for a new case of test/integration/edges-fuzzed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MIB } from '../../shared/base/units.ts';
import { Report } from '../bench/lib/report.ts';
import { startEdgeHouse } from '../fuzz/edge-house.ts';
import { EDGE_RUNS, rpcRun } from '../fuzz/edge-runs.ts';
import type { EdgeRun } from '../fuzz/edge-runs.ts';
import { startLoneNode } from '../fuzz/lone-node.ts';

/** Inputs drawn at once. */
const BATCH = 1_000;
/** What server and client together may leave on the heap, garbage collected, over what was there after the first tenth. */
const MAX_GROWTH_MIB = 32;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '200000' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
for (const name of ['inputs', 'seed'] as const) {
  if (/^[0-9]{1,10}$/.test(values[name])) continue;
  process.stderr.write(`--${name} takes a whole number.\n`);
  process.exit(2);
}
const [wanted, seed] = [Number(values.inputs), Number(values.seed)];
const directory = mkdtempSync(join(tmpdir(), 'broadside-fuzz-'));
const runs = [...EDGE_RUNS, rpcRun(directory)];
const chosen = runs.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  rmSync(directory, { recursive: true, force: true });
  if (values.only !== 'list') process.stderr.write(`There is no edge "${values.only}"; these are all:\n`);
  process.stdout.write(`${runs.map(({ name }) => name).join('\n')}\n`);
  process.exit(values.only === 'list' ? 0 : 2);
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

interface Line {
  readonly edge: string;
  readonly inputs: number;
  readonly inputsPerSecond: number;
  readonly growthMib: number;
  /** What is wrong; undefined: nothing was found. */
  readonly finding: string | undefined;
}

async function fuzz(run: EdgeRun): Promise<Line> {
  const node = run === runs.at(-1) ? await startLoneNode(join(directory, 'data')) : undefined;
  const house = await startEdgeHouse(node?.contract);
  const begunMs = performance.now();
  let settledBytes: number | undefined;
  let inputs = 0;
  let finding: string | undefined;
  try {
    while (inputs < wanted && finding === undefined) {
      finding = await run.run(house, seed + inputs, Math.min(BATCH, wanted - inputs));
      inputs += Math.min(BATCH, wanted - inputs);
      if (inputs * 10 >= wanted) settledBytes ??= heapBytes();
      process.stderr.write(`${run.name}: ${inputs.toLocaleString('en')} of ${wanted.toLocaleString('en')}\n`);
    }
    const growthMib = Math.max(0, heapBytes() - (settledBytes ?? 0)) / MIB;
    if (growthMib > MAX_GROWTH_MIB) finding ??= `${Math.round(growthMib)} MiB are left on the heap`;
    const seconds = (performance.now() - begunMs) / 1_000;
    return { edge: run.name, inputs, inputsPerSecond: inputs / seconds, growthMib, finding };
  } finally {
    await house.stop();
    await node?.stop();
  }
}

const report = new Report('soak fuzz-edges', seed);
// Paths that are not absolute lead here.
process.chdir(directory);
for (const run of chosen) {
  const { edge, inputs, inputsPerSecond, growthMib, finding } = await fuzz(run);
  report.add({ name: `${edge}: inputs`, value: inputs, unit: 'inputs' });
  report.add({ name: `${edge}: findings`, value: finding === undefined ? 0 : 1, unit: 'findings', target: '0' });
  report.add({ name: `${edge}: rate`, value: inputsPerSecond, unit: 'inputs/s' });
  report.add({
    name: `${edge}: left on the heap`,
    value: growthMib,
    unit: 'MiB',
    target: `<= ${MAX_GROWTH_MIB} MiB`,
  });
  if (finding === undefined) continue;
  process.exitCode = 1;
  process.stderr.write(`${edge}: ${finding}\n`);
}
process.chdir(tmpdir());
rmSync(directory, { recursive: true, force: true });
report.print();
