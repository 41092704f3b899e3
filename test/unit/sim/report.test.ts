/** What the simulator says: order statistics, tables, plots, arguments, and the line of JSON. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { parseFor, UsageError } from '../../sim/arguments.ts';
import { SimRandom } from '../../sim/engine/random.ts';
import { hops } from '../../sim/experiments/hops.ts';
import { EXPERIMENTS } from '../../sim/experiments/registry.ts';
import { scaleOf } from '../../sim/report/scale.ts';
import { busiestShare, histogram, median, quantile } from '../../sim/report/statistics.ts';
import { renderSvg } from '../../sim/report/svg.ts';
import { renderTable } from '../../sim/report/table.ts';
import { Zipf } from '../../sim/workloads/zipf.ts';
import { projectRoot } from '../../support/project-root.ts';

test('quantiles are of the values that there are', () => {
  const values = [5, 1, 4, 2, 3];
  assert.equal(median(values), 3);
  assert.equal(quantile(values, 0.99), 5);
  assert.equal(quantile(values, 0), 1);
  assert.ok(Number.isNaN(median([])));
  assert.deepEqual(histogram([0, 2, 2]), [1, 0, 2]);
  assert.equal(busiestShare([1, 1, 1, 5], 0.25), 2.5);
});

test('an axis has round ticks, on a line and by powers of ten', () => {
  const linear = scaleOf({ label: '', scale: 'linear' }, [0, 37]);
  assert.deepEqual(linear.ticks, [0, 10, 20, 30, 40]);
  assert.equal(linear.place(20), 0.5);
  const log = scaleOf({ label: '', scale: 'log' }, [100, 1_000, 10_000]);
  assert.deepEqual(log.ticks, [100, 200, 500, 1_000, 2_000, 5_000, 10_000]);
  assert.ok(Math.abs(log.place(1_000)! - 0.5) < 1e-9);
  assert.equal(log.place(0), undefined);
});

test('a plot is well-formed SVG with every series in it, for light and dark', () => {
  const svg = renderSvg({
    name: 'x',
    title: 'Hops & "nodes" <all>',
    x: { label: 'nodes', scale: 'log' },
    y: { label: 'hops', scale: 'linear' },
    series: [
      {
        name: 'measured',
        kind: 'line',
        points: [
          [100, 2],
          [1_000, 4],
          [10_000, 6],
        ],
      },
      {
        name: 'published',
        kind: 'line',
        isDashed: true,
        points: [
          [100, 4],
          [10_000, 14],
        ],
      },
      {
        name: 'bars',
        kind: 'bars',
        points: [
          [100, 1],
          [1_000, 3],
        ],
      },
      {
        name: 'points',
        kind: 'points',
        points: [
          [200, 1],
          [0, 3],
        ],
      },
    ],
  });
  assert.equal(svg.match(/<polyline/g)?.length, 2);
  assert.equal(svg.match(/<rect x=/g)?.length, 2);
  assert.equal(
    svg.match(/<circle/g)?.length,
    1 + 2,
    'one point and two in the legend: zero has no place on a logarithmic axis',
  );
  assert.ok(svg.includes('prefers-color-scheme:dark') && svg.includes('Hops &#38; &#34;nodes&#34; &#60;all&#62;'));
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
  const open = svg.match(/<(?!\/)[a-z]+[^>]*[^/]>/g)?.length;
  assert.equal(open, svg.match(/<\/[a-z]+>/g)?.length, 'as many ends as beginnings');
});

test('a table is as wide as its cells, numbers to the right', () => {
  const text = renderTable({
    title: 'T',
    columns: ['name', 'n'],
    rows: [
      ['a', 1_000],
      ['long name', 2.5],
    ],
  });
  assert.deepEqual(text.split('\n'), [
    'T',
    'name           n',
    '---------  -----',
    'a          1,000',
    'long name    2.5',
    '',
  ]);
});

test('popularity falls as it should', () => {
  const zipf = new Zipf(100, 1);
  const random = new SimRandom(1);
  const counts = histogram(Array.from({ length: 100_000 }, () => zipf.draw(random)));
  // The first of a hundred has 1 / (1 + 1/2 + ... + 1/100) = 19.3 % of the draws, the tenth a tenth of that.
  assert.ok(Math.abs(counts[0]! / 100_000 - 0.193) < 0.01, `${counts[0]}`);
  assert.ok(Math.abs(counts[9]! / counts[0]! - 0.1) < 0.02, `${counts[9]}`);
});

test('the arguments of an experiment are checked', () => {
  const given = parseFor(hops, ['--nodes', '50', '--seed', '7', '--requests=3', '--topology', 'grown', '--json']);
  assert.deepEqual(
    [given.nodes, given.seed, given.json, given.own.get('requests'), given.own.get('topology')],
    [50, 7, true, 3, 'grown'],
  );
  assert.equal(parseFor(hops, []).nodes, 1_000);
  for (const wrong of [
    ['--nodes', 'x'],
    ['--nodes', '1'],
    ['--seed', '-1'],
    ['--requests', '2.5'],
    ['--topology', 'star'],
    ['--colour'],
    ['word'],
  ])
    assert.throws(() => parseFor(hops, wrong), UsageError, wrong.join(' '));
});

test('the names and options of the experiments are as the command line can take them', () => {
  const names = EXPERIMENTS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, options } of EXPERIMENTS) {
    assert.match(name, /^[a-z-]+$/);
    for (const option of ['nodes', 'seed', 'json', 'out']) assert.ok(!(option in options), `${name} --${option}`);
  }
});

test('the last line of --json is what the interface promises, the same for the same seed; plots are written', () => {
  const directory = mkdtempSync(join(tmpdir(), 'broadside-sim-'));
  try {
    const run = (...args: string[]) =>
      spawnSync(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', join(projectRoot, 'test/sim/main.ts'), ...args],
        {
          encoding: 'utf8',
          cwd: directory,
          env: { ...process.env, INIT_CWD: directory },
        },
      );
    const small = ['hops', '--nodes', '12', '--requests', '20', '--seed', '3', '--out', 'plots', '--json'];
    const [once, again] = [run(...small), run(...small)].map(({ status, stdout, stderr }) => {
      assert.equal(status, 0, stderr);
      const { seconds, ...rest } = JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Record<string, unknown>;
      assert.equal(typeof seconds, 'number');
      return rest;
    });
    assert.deepEqual(Object.keys(once!), ['experiment', 'nodes', 'seed', 'traceHash', 'events', 'metrics']);
    assert.deepEqual(again, once);
    const metrics = once!['metrics'] as Record<string, unknown>;
    for (const name of [
      'hopsMedian',
      'hopsP99',
      'stemMedian',
      'success',
      'messagesMedian',
      'messagesP99',
      'busiestShare',
    ])
      assert.equal(typeof metrics[name], 'number', name);
    assert.deepEqual(readdirSync(join(directory, 'plots')), ['hops.svg']);
    assert.match(readFileSync(join(directory, 'plots/hops.svg'), 'utf8'), /^<svg /);
    const unknown = run('guesses');
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /There is no experiment "guesses"; there are: hops, /);
    const list = run('list');
    assert.equal(list.status, 0);
    for (const { name } of EXPERIMENTS) assert.ok(list.stdout.includes(`\n${name} `) || list.stdout.startsWith(name));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
