/** The data directory of a node: where it is, what is in it, and with which rights. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import { toFileError } from '../storage/files/durable-file.ts';

export interface DataDirectory {
  /** Absolute. */
  readonly path: string;
  /** 32-byte seed of the node's Ed25519 key pair, 0600. */
  readonly identityKey: string;
  /** 32-byte key that encrypts the library, 0600. */
  readonly libraryKey: string;
  /** 32-byte secret from which the origins of opened publications are made, 0600. */
  readonly originKey: string;
  /** 32-byte secret from which the keys of word claims are made, 0600. */
  readonly claimKey: string;
  /** Secrets of pen names, one a file, 0600. */
  readonly pens: string;
  /** Where what tells about the person lies since there was a passphrase (personal-disk.ts). */
  readonly personal: string;
  /** 32-byte key of the addresses of blocks, since then, 0600. */
  readonly addressesKey: string;
  /** The library's key as the system's key store sealed it, where that was chosen (services/lock/remembered.ts), 0600. */
  readonly keyStore: string;
  readonly blocks: string;
  readonly opened: string;
  /** Blocks and slots of publications that are kept alive. */
  readonly kept: string;
  readonly library: string;
  /** Shared folders and the roots of their files, sealed. */
  readonly shares: string;
  /** What this node indexes for others as a hub; in clear, for it was sent here to be found. */
  readonly searchIndex: string;
  readonly settings: string;
  readonly knownNodes: string;
  readonly staging: string;
  /** Journals of publications that are being sent, sealed. */
  readonly publishing: string;
  /** Address and token of the running daemon, 0600; gone when it has stopped. */
  readonly daemon: string;
  /** Port and token that the next daemon takes again, 0600. */
  readonly interface: string;
  /** Says what holds the lock, for the message to whoever comes second. */
  readonly holder: string;
}

/** The platform's place for the data of applications (XDG base directories, macOS and Windows conventions). */
export function defaultDataDirectory(
  platform: NodeJS.Platform = process.platform,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const home = homedir();
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Broadside');
  if (platform === 'win32') return join(environment['APPDATA'] || join(home, 'AppData', 'Roaming'), 'Broadside');
  const base = environment['XDG_DATA_HOME'];
  // A relative XDG_DATA_HOME is to be ignored (XDG base directory specification).
  return join(base?.startsWith('/') ? base : join(home, '.local', 'share'), 'broadside');
}

export function dataDirectoryAt(directory: string): DataDirectory {
  const path = resolve(directory);
  return {
    path,
    identityKey: join(path, 'identity.key'),
    libraryKey: join(path, 'library.key'),
    originKey: join(path, 'origin.key'),
    claimKey: join(path, 'claim.key'),
    pens: join(path, 'pens'),
    personal: join(path, 'personal.json'),
    addressesKey: join(path, 'addresses.key'),
    keyStore: join(path, 'key-store.json'),
    blocks: join(path, 'blocks.db'),
    opened: join(path, 'opened.db'),
    kept: join(path, 'kept.db'),
    library: join(path, 'library.db'),
    shares: join(path, 'shares.db'),
    searchIndex: join(path, 'search.db'),
    settings: join(path, 'settings.json'),
    knownNodes: join(path, 'known-nodes.json'),
    staging: join(path, 'staging'),
    publishing: join(path, 'publishing'),
    daemon: join(path, 'daemon.json'),
    interface: join(path, 'interface.json'),
    holder: join(path, 'holder.json'),
  };
}

/** Makes the directory if need be, for the owner only. Throws `usage` when it cannot be used, `no-space` when full. */
export function ensureDataDirectory(directory: DataDirectory): void {
  try {
    mkdirSync(directory.path, { recursive: true, mode: 0o700 });
    if (!statSync(directory.path).isDirectory()) throw notUsable(directory.path, 'it is not a directory');
    if (process.platform !== 'win32') chmodSync(directory.path, 0o700);
  } catch (thrown) {
    if (thrown instanceof BroadsideError) throw thrown;
    throw notUsable(directory.path, reasonOf(thrown), thrown);
  }
}

function notUsable(path: string, reason: string, cause?: unknown): BroadsideError {
  const code = reason === 'the disk is full' ? 'no-space' : 'usage';
  return new BroadsideError(code, `The data directory ${path} cannot be used: ${reason}. Choose another with --data.`, {
    cause,
  });
}

function reasonOf(thrown: unknown): string {
  switch ((thrown as NodeJS.ErrnoException | undefined)?.code) {
    case 'EACCES':
    case 'EPERM':
      return 'there is no right to write there';
    case 'EROFS':
      return 'it is read-only';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a directory';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/**
 * Writes whole or not at all: to a temporary name beside it first, then renamed. Mode 0600. One writer a data directory: what one left
 * that was killed the next writes over. Throws `no-space`, `unexpected`.
 */
export function writeOwnerFile(path: string, contents: string | Uint8Array): void {
  const temporary = `${path}.new`;
  try {
    writeFileSync(temporary, contents, { mode: 0o600, flush: true });
    renameSync(temporary, path);
  } catch (thrown) {
    rmSync(temporary, { force: true });
    throw toFileError(thrown, path);
  }
}

/** Undefined when there is none or it is not JSON: such files are caches or can be said anew. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
