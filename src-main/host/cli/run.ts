/** Finds the command, runs it, and turns whatever comes of it into one line and an exit code. */
import { BroadsideError, EXIT_CODES, toBroadsideError } from '../../../shared/base/errors.ts';
import type { CommandContext } from './context.ts';
import { directoryOf } from './context.ts';
import { createOutput } from './output.ts';
import type { Output } from './output.ts';
import { COMMANDS } from './command-table.ts';
import { NODE_COMMAND, commandHelp, generalHelp, readArguments, usageOf } from './usage.ts';

const RUN: Readonly<Record<string, () => Promise<(context: CommandContext) => Promise<number>>>> = {
  daemon: async () => (await import('./commands/daemon.ts')).daemon,
  testnet: async () => (await import('./commands/testnet.ts')).testnet,
  publish: async () => (await import('./commands/publish.ts')).publish,
  update: async () => (await import('./commands/update.ts')).update,
  list: async () => (await import('./commands/list.ts')).list,
  unlist: async () => (await import('./commands/list.ts')).unlist,
  delete: async () => (await import('./commands/delete.ts')).deletePublication,
  passwd: async () => (await import('./commands/passwd.ts')).passwd,
  inspect: async () => (await import('./commands/inspect.ts')).inspect,
  get: async () => (await import('./commands/get.ts')).get,
  download: async () => (await import('./commands/download.ts')).download,
  browse: async () => (await import('./commands/browse.ts')).browse,
  folder: async () => (await import('./commands/folder.ts')).folder,
  transfer: async () => (await import('./commands/transfer.ts')).transfer,
  keep: async () => (await import('./commands/keep.ts')).keep,
  check: async () => (await import('./commands/check.ts')).check,
  share: async () => (await import('./commands/share.ts')).share,
  search: async () => (await import('./commands/search.ts')).search,
  wish: async () => (await import('./commands/wish.ts')).wish,
  word: async () => (await import('./commands/word.ts')).word,
  pen: async () => (await import('./commands/pen.ts')).pen,
  invite: async () => (await import('./commands/invite.ts')).invite,
  join: async () => (await import('./commands/join.ts')).join,
  move: async () => (await import('./commands/move.ts')).move,
  url: async () => (await import('./commands/url.ts')).url,
  lock: async () => (await import('./commands/lock.ts')).lock,
  unlock: async () => (await import('./commands/lock.ts')).unlock,
  passphrase: async () => (await import('./commands/passphrase.ts')).passphrase,
  status: async () => (await import('./commands/status.ts')).status,
  config: async () => (await import('./commands/config.ts')).config,
  [NODE_COMMAND]: async () => (await import('./commands/storage-node.ts')).storageNode,
};

/** Signals that come again so soon are the same one: npm passes on what the terminal has sent already. */
const REPEATED_SIGNAL_MS = 1_000;

/** Resolves with the exit code; never rejects. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  // Known even when the arguments are wrong, so that a program that asked for JSON gets its error in JSON.
  const output = createOutput({ json: argv.includes('--json'), quiet: argv.includes('--quiet') });
  let dataDirectory: string | undefined;
  try {
    if (command === '--help' || command === '-h' || command === 'help') {
      process.stdout.write(`${generalHelp()}\n`);
      return 0;
    }
    if (command === '--version') {
      process.stdout.write(`${(await import('../version.ts')).VERSION}\n`);
      return 0;
    }
    if (command === undefined)
      throw new BroadsideError('usage', `No command was given. There are: ${Object.keys(COMMANDS).join(', ')}.`);
    const usage = usageOf(command);
    if (usage === undefined) {
      throw new BroadsideError(
        'usage',
        `There is no command ${JSON.stringify(command)}. There are: ${Object.keys(COMMANDS).join(', ')}.`,
      );
    }
    const args = readArguments(command, usage, rest);
    if (args.flag('help')) {
      process.stdout.write(`${commandHelp(command, usage)}\n`);
      return 0;
    }
    const directory = directoryOf(args);
    dataDirectory = directory.path;
    const abort = new AbortController();
    let stopSignal: 'SIGINT' | 'SIGTERM' | undefined;
    let stoppedMs = 0;
    const onSignal = (name: 'SIGINT' | 'SIGTERM'): void => {
      // A second time: whoever asks twice does not want to wait. But one Ctrl C comes twice, from the terminal and from npm.
      if (stopSignal !== undefined && performance.now() - stoppedMs > REPEATED_SIGNAL_MS)
        process.exit(exitCodeOf(name));
      if (stopSignal !== undefined) return;
      stopSignal = name;
      stoppedMs = performance.now();
      abort.abort(new BroadsideError('cancelled', 'It was cancelled. Nothing half-written is under a final name.'));
    };
    process.on('SIGINT', () => onSignal('SIGINT'));
    process.on('SIGTERM', () => onSignal('SIGTERM'));
    const onDefect = (thrown: unknown): void => {
      void import('./report.ts').then(({ writeReport }) => writeReport(dataDirectory, command, thrown, Date.now()));
    };
    process.on('unhandledRejection', onDefect);
    process.on('uncaughtException', (thrown) => {
      void endUnexpectedly(output, thrown, dataDirectory, command);
    });
    const run = await RUN[command]!();
    try {
      return await run({ command, args, output, directory, signal: abort.signal, onDefect });
    } catch (thrown) {
      if (stopSignal === 'SIGTERM' && toBroadsideError(thrown).code === 'cancelled') {
        output.error('cancelled', toBroadsideError(thrown).message);
        return exitCodeOf('SIGTERM');
      }
      throw thrown;
    }
  } catch (thrown) {
    const error = toBroadsideError(thrown);
    output.error(
      error.code,
      error.code === 'unexpected' ? await unexpected(error, dataDirectory, command ?? '') : error.message,
    );
    return EXIT_CODES[error.code];
  }
}

/** What nobody caught: the state of the process is unknown, so it ends, but with a line and a report as any other error. */
async function endUnexpectedly(
  output: Output,
  thrown: unknown,
  dataDirectory: string | undefined,
  command: string,
): Promise<void> {
  output.error('unexpected', await unexpected(toBroadsideError(thrown), dataDirectory, command));
  process.exit(EXIT_CODES.unexpected);
}

/** The shell's convention: 128 and the signal's number. */
function exitCodeOf(name: 'SIGINT' | 'SIGTERM'): number {
  return name === 'SIGINT' ? 130 : 143;
}

async function unexpected(error: BroadsideError, dataDirectory: string | undefined, command: string): Promise<string> {
  const { withoutSecrets, writeReport } = await import('./report.ts');
  const path = writeReport(dataDirectory, command, error.cause ?? error, Date.now());
  const where =
    path === undefined
      ? 'No report could be written.'
      : `A report without secrets is in ${path}: add it when you report this.`;
  return `Something unexpected happened (${withoutSecrets(error.message).slice(0, 300)}). ${where}`;
}
