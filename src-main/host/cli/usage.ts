/** Reads arguments by the table of commands, and prints it as help. */
import { parseArgs } from 'node:util';
import type { ParseArgsOptionsConfig } from 'node:util';
import { BroadsideError } from '../../../shared/base/errors.ts';
import { COMMANDS, COMMON } from './command-table.ts';
import type { CommandUsage, OptionHelp } from './command-table.ts';

/** For the practice network's own children; not for people, so not in the help. */
export const NODE_COMMAND = 'storage-node';
const HIDDEN: Readonly<Record<string, CommandUsage>> = {
  [NODE_COMMAND]: {
    positionals: '',
    about: 'a storage node without an interface',
    leastPositionals: 0,
    mostPositionals: 0,
    options: {},
  },
};

export function usageOf(command: string): CommandUsage | undefined {
  if (Object.hasOwn(COMMANDS, command)) return COMMANDS[command];
  return Object.hasOwn(HIDDEN, command) ? HIDDEN[command] : undefined;
}

export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
}

/** Throws `usage` for anything that the command does not take. */
export function readArguments(command: string, usage: CommandUsage, args: readonly string[]): Arguments {
  const options: ParseArgsOptionsConfig = {};
  for (const [name, { type, short, multiple }] of Object.entries({ ...usage.options, ...COMMON })) {
    options[name] = { type, ...(short !== undefined && { short }), ...(multiple === true && { multiple }) };
  }
  let values: Record<string, unknown>;
  let positionals: string[];
  try {
    const given = usage.minusWords === true ? args.map((arg) => minusWord(arg, options)) : [...args];
    ({ values, positionals } = parseArgs({ args: given, options, strict: true, allowPositionals: true }));
  } catch (cause) {
    // The first sentence of Node's message; the rest is advice about programming.
    const what = (cause instanceof Error ? cause.message : String(cause)).split(/\. |\n/, 1)[0]!.replace(/\.$/, '');
    throw new BroadsideError('usage', `${what}. See broadside ${command} --help.`, { cause });
  }
  if (usage.minusWords === true) positionals = positionals.map((word) => word.replace(/^−/u, '-'));
  if (
    values['help'] !== true &&
    (positionals.length < usage.leastPositionals || positionals.length > usage.mostPositionals)
  ) {
    const what = positionals.length < usage.leastPositionals ? 'too few arguments' : 'too many arguments';
    throw new BroadsideError(
      'usage',
      `${command}: ${what}. It is: broadside ${command} ${usage.positionals}`.trimEnd(),
    );
  }
  return {
    positionals,
    flag: (name) => values[name] === true,
    text: (name) => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: (name) => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
  };
}

/** A word that is excluded gets the minus that no option has, which queries read alike (core/search/query-text.ts). */
function minusWord(arg: string, options: ParseArgsOptionsConfig): string {
  const isOption = Object.values(options).some(({ short }) => short !== undefined && arg === `-${short}`);
  return /^-[^-]/u.test(arg) && !isOption ? `−${arg.slice(1)}` : arg;
}

/** A whole number of an option, or its default. Throws `usage`. */
export function wholeNumber(args: Arguments, name: string, fallback: number, min: number, max: number): number {
  const text = args.text(name);
  if (text === undefined) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= max)) {
    throw new BroadsideError(
      'usage',
      `${name.length === 1 ? '-' : '--'}${name} is a whole number from ${min} to ${max}, not ${JSON.stringify(text)}. Choose one.`,
    );
  }
  return value;
}

export function generalHelp(): string {
  const lines = Object.entries(COMMANDS).map(([name, usage]) => {
    const head = `${name} ${usage.positionals}`.trimEnd();
    return head.length > 24 ? `  ${head}\n  ${' '.repeat(26)}${usage.about}` : `  ${head.padEnd(26)}${usage.about}`;
  });
  return `Usage: broadside COMMAND ... [options]

${lines.join('\n')}

broadside COMMAND --help says what a command takes. All take --data DIR, --json, --quiet,
--bootstrap HOST:PORT, --network ID, --passphrase-file F.
Exit codes: 0 done, 1 unexpected, 2 wrong usage, 3 not found, 4 no route or offline, 5 busy, 6 damaged, 7 bad link,
8 deleted by its publisher, 9 refused, 10 data directory in use, 11 no space.`;
}

export function commandHelp(command: string, usage: CommandUsage): string {
  const line = ([name, { short, value, about, type }]: [string, OptionHelp]): string => {
    const names = name.length === 1 ? `-${name}` : `${short === undefined ? '' : `-${short}, `}--${name}`;
    return `  ${`${names}${type === 'string' ? ` ${value ?? 'TEXT'}` : ''}`.padEnd(26)}${about}`;
  };
  const own = Object.entries(usage.options).map(line);
  return [
    `Usage: broadside ${command} ${usage.positionals}`.trimEnd(),
    '',
    `${usage.about[0]!.toUpperCase()}${usage.about.slice(1)}.`,
    '',
    ...own,
    ...Object.entries(COMMON).map(line),
  ].join('\n');
}
