/**
 * Changed inputs for everything that reads what comes from outside: ten million for each quick reader, less for slow ones.
 * Run: npm run soak -- fuzz [--inputs 10000000] [--only NAME,NAME] [--seed NUMBER] [--keep FILE] [--json]; `--only list` names the readers.
 *
 * With --keep each reader that was done is noted there, and not done again by another run with as many inputs and the same seed. One that
 * is ended by a signal tells of what was done until then.
 * A finding ends with 1 and is printed as a line for test/vectors/fuzz-found.json, which `npm test` tries each time.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toHex } from '../../shared/base/bytes.ts';
import { Fuzzer } from '../fuzz/fuzz.ts';
import type { Target } from '../fuzz/target.ts';
import { TARGETS } from '../fuzz/targets.ts';
import { MIB } from '../../shared/base/units.ts';
import { Report } from '../bench/lib/report.ts';

/** Inputs between two looks at time and memory: at most, and a hundredth of all. */
const MAX_BATCH = 20_000;
const LEAST_BATCH = 100;
const REPORT_EVERY_MS = 10_000;
const LEAST_INPUTS = 100;
/** What a reader may leave on the heap, garbage collected, over what was there after its first tenth; what the fuzzer keeps is not counted. */
const MAX_LEFT_BYTES = 32 * MIB;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000000' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
for (const name of ['inputs', 'seed'] as const) {
  if (/^[0-9]{1,10}$/.test(values[name])) continue;
  process.stderr.write(`--${name} takes a whole number.\n`);
  process.exit(2);
}
if (values.only === 'list') {
  process.stdout.write(`${TARGETS.map(({ name }) => name).join('\n')}\n`);
  process.exit(0);
}
const only = values.only?.split(',');
const unknown = only?.find((name) => !TARGETS.some((target) => target.name === name));
if (unknown !== undefined) {
  process.stderr.write(`There is no reader "${unknown}"; --only list names them.\n`);
  process.exit(2);
}
const chosen = TARGETS.filter(({ name }) => only === undefined || only.includes(name));

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let isOver = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (isOver = true));

interface Line {
  readonly reader: string;
  readonly seed: number;
  readonly inputs: number;
  readonly inputsPerSecond: number;
  readonly outcomes: number;
  readonly slowestMs: number;
  readonly leftBytes: number;
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
}

function wantedOf({ share = 1 }: Target): number {
  return Math.max(LEAST_INPUTS, Math.round(Number(values.inputs) * share));
}

/** Undefined when a property was broken; `over` when it was ended. */
async function fuzz(target: Target): Promise<Line | 'over' | undefined> {
  const wanted = wantedOf(target);
  const batch = Math.min(MAX_BATCH, Math.max(LEAST_BATCH, Math.ceil(wanted / 100)));
  const fuzzer = new Fuzzer(target, Number(values.seed));
  const begunMs = performance.now();
  let reportedMs = begunMs;
  let settledBytes: number | undefined;
  while (fuzzer.progress.inputs < wanted) {
    const { inputs } = fuzzer.progress;
    const finding = fuzzer.run(Math.min(batch, wanted - inputs));
    if (finding !== undefined) {
      const line = JSON.stringify({ target: finding.target, input: toHex(finding.input) });
      process.stdout.write(`${finding.target}: ${finding.problem}\n${line}\n`);
      return undefined;
    }
    // Else no signal comes through.
    await turn();
    if (isOver) return 'over';
    if (fuzzer.progress.inputs * 10 >= wanted) settledBytes ??= heapBytes() - fuzzer.keptBytes;
    const nowMs = performance.now();
    if (nowMs - reportedMs < REPORT_EVERY_MS) continue;
    reportedMs = nowMs;
    const done = fuzzer.progress.inputs;
    const leftSeconds = Math.round((((nowMs - begunMs) / done) * (wanted - done)) / 1_000);
    process.stderr.write(
      `${target.name}: ${done.toLocaleString('en')} of ${wanted.toLocaleString('en')}, ${leftSeconds} s left\n`,
    );
  }
  const { inputs, outcomes, slowestMs } = fuzzer.progress;
  const leftBytes = heapBytes() - fuzzer.keptBytes - (settledBytes ?? 0);
  if (leftBytes > MAX_LEFT_BYTES) {
    process.stdout.write(`${target.name}: ${leftBytes} bytes are left on the heap\n`);
    return undefined;
  }
  const seconds = (performance.now() - begunMs) / 1_000;
  return {
    reader: target.name,
    seed: Number(values.seed),
    inputs,
    inputsPerSecond: Math.round(inputs / seconds),
    outcomes,
    slowestMs: Math.round(slowestMs * 10) / 10,
    leftBytes: Math.max(0, leftBytes),
  };
}

const kept: Line[] =
  values.keep !== undefined && existsSync(values.keep) ? JSON.parse(readFileSync(values.keep, 'utf8')) : [];
const lines: Line[] = [];
let findings = 0;
for (const target of chosen) {
  const done = kept.find(
    ({ reader, seed, inputs }) => reader === target.name && seed === Number(values.seed) && inputs >= wantedOf(target),
  );
  const line = done ?? (isOver ? 'over' : await fuzz(target));
  if (line === 'over') continue;
  if (line === undefined) {
    findings += 1;
    process.exitCode = 1;
    continue;
  }
  lines.push(line);
  if (done === undefined && values.keep !== undefined) {
    kept.push(line);
    writeFileSync(values.keep, JSON.stringify(kept));
  }
  const { reader, inputs, inputsPerSecond, outcomes, slowestMs } = line;
  process.stderr.write(
    `${reader}: ${inputs.toLocaleString('en')} inputs, ${inputsPerSecond.toLocaleString('en')} a second, ${outcomes} kinds of outcome, slowest ${slowestMs} ms\n`,
  );
}
print();

function print(): void {
  const report = new Report('soak fuzz', Number(values.seed));
  const most = (of: (line: Line) => number): number => Math.max(...lines.map(of));
  const quick = lines.filter(({ reader }) => (TARGETS.find(({ name }) => name === reader)?.share ?? 1) === 1);
  report.add({ name: 'readers', value: lines.length + findings, unit: 'readers' });
  report.add({
    name: 'readers left out',
    value: TARGETS.length - lines.length - findings,
    unit: 'readers',
    target: '0',
  });
  report.add({ name: 'readers with a finding', value: findings, unit: 'readers', target: '0' });
  const least = Math.min(...quick.map(({ inputs }) => inputs));
  report.add({ name: 'inputs of quick readers, least', value: least, unit: 'inputs', target: '>= 10,000,000' });
  const slow = lines.filter((line) => !quick.includes(line));
  if (slow.length > 0)
    report.add({
      name: 'inputs of slow readers, least',
      value: Math.min(...slow.map(({ inputs }) => inputs)),
      unit: '',
    });
  report.add({ name: 'inputs', value: lines.reduce((sum, { inputs }) => sum + inputs, 0), unit: 'in all' });
  report.add({ name: 'slowest input', value: most(({ slowestMs }) => slowestMs), unit: 'ms' });
  report.add({ name: 'left on the heap, most', value: most(({ leftBytes }) => leftBytes) / MIB, unit: 'MiB' });
  report.print();
}
