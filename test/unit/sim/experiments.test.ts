/** The experiments on small networks: the same seed gives the same figures, and the figures are what such networks give. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFor, UsageError } from '../../sim/arguments.ts';
import { contextOf } from '../../sim/context.ts';
import type { Experiment } from '../../sim/experiment.ts';
import { availability } from '../../sim/experiments/availability.ts';
import { convergence } from '../../sim/experiments/convergence.ts';
import { joining } from '../../sim/experiments/joining.ts';
import { scaling } from '../../sim/experiments/scaling.ts';
import { smallWorld } from '../../sim/experiments/small-world.ts';
import { tolerance } from '../../sim/experiments/tolerance.ts';
import { figuresOf } from '../../sim/report/present.ts';
import type { Figures } from '../../sim/report/present.ts';

async function figuresFor(experiment: Experiment, args: readonly string[]): Promise<Figures> {
  const given = parseFor(experiment, args);
  const outcome = await experiment.run({ ...contextOf(experiment, given), say: () => undefined });
  return figuresOf(experiment, outcome, { nodes: given.nodes, seed: given.seed, seconds: 0 });
}

const number = (figures: Figures, name: string): number => {
  const value = figures.metrics[name];
  assert.equal(typeof value, 'number', name);
  return value as number;
};

test('convergence: a ring of forty finds everything after a minute, and twice the same', async () => {
  const args = ['--nodes', '40', '--start', 'ring', '--seconds', '60', '--window', '10', '--rate', '10'];
  const figures = await figuresFor(convergence, args);
  assert.deepEqual(await figuresFor(convergence, args), figures);
  assert.equal((figures.metrics['hopsMedian'] as unknown[]).length, 6);
  assert.ok(number(figures, 'hopsMedianLast') <= 4);
  assert.ok(number(figures, 'successLast') > 0.9);
  assert.notEqual((await figuresFor(convergence, [...args, '--seed', '2'])).traceHash, figures.traceHash);
});

test('scaling: a hundred nodes have short paths', async () => {
  const figures = await figuresFor(scaling, ['--max', '100', '--requests', '50']);
  assert.ok((figures.metrics['hopsMean'] as Record<string, number>)['100']! < 4);
  assert.ok(Number.isNaN(figures.metrics['exponent']), 'one size has no exponent');
});

test('tolerance: what has a copy left is found, before and after repair', async () => {
  const args = ['--nodes', '60', '--requests', '60', '--worst', '0.3'];
  const figures = await figuresFor(tolerance, args);
  assert.deepEqual(await figuresFor(tolerance, args), figures);
  assert.ok(number(figures, 'successAt30') >= 0.9);
  assert.ok(number(figures, 'successAt30AfterRepair') >= 0.9);
  assert.equal((figures.metrics['present'] as Record<string, number>)['0'], 1);
});

test('small world: links are long and short', async () => {
  const figures = await figuresFor(smallWorld, ['--nodes', '100', '--requests', '50', '--topology', 'placed']);
  assert.ok(number(figures, 'slope') < -0.5 && number(figures, 'slope') > -1.5);
  assert.ok(number(figures, 'degreeMean') >= 8);
});

test('joining: newcomers get as good as the others, with one contact', async () => {
  const figures = await figuresFor(joining, ['--nodes', '60', '--newcomers', '2', '--records', '100']);
  assert.equal(number(figures, 'goodShare'), 1);
  assert.ok(number(figures, 'secondsToGood') >= 5, 'twenty requests at four a second');
  assert.ok(number(figures, 'messagesToGood') > 10);
  assert.ok(number(figures, 'allMessages') > number(figures, 'messagesToGood') - 2 * number(figures, 'dials'));
});

test('availability: honest nodes are read, deniers hide', async () => {
  const args = ['--nodes', '80', '-k', '3', '-n', '10', '--publications', '10', '--files', '0', '--fraction', '0.4'];
  const gone = await figuresFor(availability, args);
  assert.deepEqual(await figuresFor(availability, args), gone);
  assert.equal(number(gone, 'readable'), 1);
  assert.ok(number(gone, 'binomial') > 0.9999);
  const denied = await figuresFor(availability, [...args, '--failing', 'denying']);
  assert.ok(number(denied, 'shareFound') < number(denied, 'sharePresent'));
  await assert.rejects(figuresFor(availability, ['--nodes', '10', '-k', '4', '-n', '3']), UsageError);
});
