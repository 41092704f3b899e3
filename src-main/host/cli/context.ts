/** What every command is given: its arguments, where to write, its data directory, and when to stop. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { dataDirectoryAt, defaultDataDirectory, ensureDataDirectory } from '../data-directory.ts';
import type { DataDirectory } from '../data-directory.ts';
import { followMoved } from '../moved.ts';
import type { Output } from './output.ts';
import { readPassword } from './password-file.ts';
import type { NodeChoice, Session } from './session.ts';
import type { Arguments } from './usage.ts';
import { SETTINGS } from '../../../shared/ipc/settings.ts';

export interface CommandContext {
  readonly command: string;
  readonly args: Arguments;
  readonly output: Output;
  readonly directory: DataDirectory;
  /** Aborted by SIGINT and SIGTERM, with a `cancelled` error as its reason. */
  readonly signal: AbortSignal;
  /** Told of defects that the command survives. */
  readonly onDefect: (thrown: unknown) => void;
}

export function directoryOf(args: Arguments): DataDirectory {
  const given = args.text('data');
  if (given === '')
    throw new BroadsideError('usage', '--data needs a directory. Name one, or leave it out for the usual one.');
  return dataDirectoryAt(followMoved(given ?? defaultDataDirectory()));
}

/** Checked here, so that a slip is said before anything is started. Throws `usage`. */
export function nodeChoice(context: CommandContext): NodeChoice {
  const { args, directory, command, onDefect } = context;
  const network = args.text('network');
  if (network !== undefined && !SETTINGS.network.pattern.test(network)) {
    throw new BroadsideError(
      'usage',
      `${JSON.stringify(network)} is not the name of a network. It has lower-case letters, digits and hyphens, 64 at most.`,
    );
  }
  const bootstrap = args.texts('bootstrap').flatMap((text) => text.split(','));
  for (const address of bootstrap) {
    const port = Number(/^[^\s,:]+:(\d{1,5})$/.exec(address)?.[1]);
    if (!(port >= 1 && port <= 65_535)) {
      throw new BroadsideError(
        'usage',
        `${JSON.stringify(address)} is not a bootstrap node. Write HOST:PORT, for example 127.0.0.1:49737.`,
      );
    }
  }
  if (bootstrap.join(',').length > SETTINGS.bootstrap.maxLength) {
    throw new BroadsideError('usage', 'These are too many bootstrap nodes. Three or four are enough.');
  }
  const passphrasePath = args.text('passphrase-file');
  const passphrase = passphrasePath === undefined ? undefined : readPassword(passphrasePath);
  ensureDataDirectory(directory);
  return {
    directory,
    ...(passphrase !== undefined && { passphrase }),
    what: command === 'daemon' ? 'the daemon' : `broadside ${command}`,
    network,
    bootstrap,
    onDefect,
  };
}

/** Opens a session, lets `use` work with it, and closes it whatever happens. `more`: for what works while the library is locked. */
export async function withSession<T>(
  context: CommandContext,
  use: (session: Session) => Promise<T>,
  more: Pick<NodeChoice, 'mayBeLocked'> = {},
): Promise<T> {
  const choice = { ...nodeChoice(context), ...more };
  const { openSession } = await import('./session.ts');
  context.signal.throwIfAborted();
  const session = await openSession(choice);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
