/** The words of the command line of `npm run sim`, checked: what is not understood is an error in one sentence. */
import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import type { Experiment, OptionSpec } from './experiment.ts';

export class UsageError extends Error {}

export interface CommonArguments {
  readonly nodes: number;
  readonly seed: number;
  readonly json: boolean;
  readonly out: string | undefined;
  readonly own: ReadonlyMap<string, number | boolean | string>;
}

const MAX_NODES = 200_000;

type Values = Readonly<Record<string, string | boolean | undefined>>;

export function parseFor(experiment: Experiment, args: readonly string[]): CommonArguments {
  const options: NonNullable<ParseArgsConfig['options']> = {
    nodes: { type: 'string' },
    seed: { type: 'string' },
    json: { type: 'boolean' },
    out: { type: 'string' },
  };
  for (const [name, spec] of Object.entries(experiment.options)) {
    options[name] = {
      type: spec.kind === 'flag' ? 'boolean' : 'string',
      ...(name.length === 1 ? { short: name } : {}),
    };
  }
  const values = parsed(experiment, args, options);
  const own = new Map<string, number | boolean | string>();
  for (const [name, spec] of Object.entries(experiment.options)) own.set(name, valueOf(name, spec, values[name]));
  return {
    nodes: whole('nodes', values['nodes'], experiment.nodes, 2, MAX_NODES),
    seed: whole('seed', values['seed'], 1, 0, Number.MAX_SAFE_INTEGER),
    json: values['json'] === true,
    out: typeof values['out'] === 'string' ? values['out'] : undefined,
    own,
  };
}

function parsed(
  experiment: Experiment,
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): Values {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false }).values as Values;
  } catch (thrown) {
    const known = Object.keys(options).map((name) => `--${name}`);
    const what = thrown instanceof Error ? thrown.message.split('. ')[0] : String(thrown);
    throw new UsageError(`${what}. ${experiment.name} takes ${known.join(', ')}.`, { cause: thrown });
  }
}

function valueOf(name: string, spec: OptionSpec, given: string | boolean | undefined): number | boolean | string {
  if (given === undefined) return spec.default;
  if (spec.kind === 'flag' || typeof given === 'boolean') return given;
  if (spec.kind === 'text') {
    if (spec.choices !== undefined && !spec.choices.includes(given))
      throw new UsageError(`--${name} is one of ${spec.choices.join(', ')}, not "${given}".`);
    return given;
  }
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, isWhole = false } = spec;
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (Number.isNaN(value) || value < min || value > max || (isWhole && !Number.isSafeInteger(value)))
    throw new UsageError(
      `--${name} takes a ${isWhole ? 'whole number' : 'number'}${rangeText(min, max)}, not "${given}".`,
    );
  return value;
}

function whole(name: string, given: string | boolean | undefined, byDefault: number, min: number, max: number): number {
  if (given === undefined) return byDefault;
  return valueOf(name, { kind: 'number', about: '', default: byDefault, min, max, isWhole: true }, given) as number;
}

function rangeText(min: number, max: number): string {
  if (Number.isFinite(min) && Number.isFinite(max)) return ` from ${min} to ${max}`;
  if (Number.isFinite(min)) return ` of ${min} or more`;
  return Number.isFinite(max) ? ` of ${max} or less` : '';
}
