/** Which folders may be shared: none of the system's, none within or around another, and the home folder only when it is meant. */
import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, parse, relative, resolve, sep } from 'node:path';
import { BroadsideError } from '../../../shared/base/errors.ts';

/** Of the system, with everything in them. */
const SYSTEM_TREES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/proc', '/sbin', '/sys', '/usr'],
  darwin: ['/System', '/Library', '/bin', '/dev', '/private/etc', '/private/var/db', '/sbin', '/usr', '/cores'],
  win32: ['SystemRoot', 'ProgramFiles', 'ProgramFiles(x86)', 'ProgramData'],
};
/** Of the system or of many people; what is in them may be shared. */
const SYSTEM_FOLDERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/home', '/media', '/mnt', '/opt', '/root', '/run', '/tmp', '/var'],
  darwin: ['/Users', '/Volumes', '/Applications', '/private', '/private/var', '/private/tmp', '/opt'],
};

export interface Surroundings {
  /** Absolute. */
  readonly dataDirectory: string;
  /** Paths of folders that are shared already, absolute. */
  readonly shared: readonly string[];
  readonly home?: string;
  readonly platform?: NodeJS.Platform;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The folder's real path, all links in it resolved. Throws `usage` for what is no folder or lies within or around one that is shared,
 * `refused` for what is never shared, and for what is only shared when `evenSo`. One that is shared already is returned as it is.
 */
export async function checkFolder(path: string, evenSo: boolean, around: Surroundings): Promise<string> {
  const real = await realFolder(path);
  if (around.shared.includes(real)) return real;
  const dataDirectory = await realpath(around.dataDirectory).catch(() => around.dataDirectory);
  if (isWithin(dataDirectory, real)) {
    throw new BroadsideError(
      'refused',
      `${real} belongs to Broadside itself and has its secrets in it. It is never shared; choose another folder.`,
    );
  }
  const home = await realpath(around.home ?? homedir()).catch(() => around.home ?? homedir());
  if (real !== home) {
    checkSystem(real, around);
    if (isWithin(real, home)) throw ofTheSystem(real);
  }
  for (const other of around.shared) {
    if (isWithin(other, real)) {
      throw new BroadsideError('usage', `${real} is shared already: it lies within ${other}, which is shared.`);
    }
    if (isWithin(real, other)) {
      throw new BroadsideError(
        'usage',
        `${other} lies within ${real} and is shared already. Stop sharing it first (share remove), then share this one.`,
      );
    }
  }
  if (!evenSo) checkMeant(real, home);
  return real;
}

async function realFolder(path: string): Promise<string> {
  if (path === '' || path.includes('\0')) throw new BroadsideError('usage', 'Name a folder to share.');
  let real: string;
  try {
    real = await realpath(resolve(path));
    if (!(await stat(real)).isDirectory())
      throw new BroadsideError('usage', `${real} is not a folder. Name the folder that the file is in.`);
  } catch (thrown) {
    if (thrown instanceof BroadsideError) throw thrown;
    const code = (thrown as NodeJS.ErrnoException).code;
    const why =
      code === 'EACCES' || code === 'EPERM'
        ? 'there is no right to read it'
        : code === 'ENOENT' || code === 'ENOTDIR'
          ? 'there is no such folder'
          : thrown instanceof Error
            ? thrown.message
            : String(thrown);
    throw new BroadsideError('usage', `${path} cannot be shared: ${why}. Check the path.`, { cause: thrown });
  }
  if (!real.isWellFormed() || Buffer.byteLength(real) > 4_096) {
    throw new BroadsideError(
      'usage',
      `The path of this folder is too long, or no valid text. Share one nearer the top.`,
    );
  }
  return real;
}

function checkSystem(real: string, around: Surroundings): void {
  const { platform = process.platform, environment = process.env } = around;
  const { root } = parse(real);
  const systemDrive = platform === 'win32' ? `${environment['SystemDrive'] ?? 'C:'}\\` : '/';
  if (real === root && root.toLowerCase() === systemDrive.toLowerCase()) {
    throw new BroadsideError(
      'refused',
      `${real} is the whole disk with the system on it. It is never shared; choose a folder.`,
    );
  }
  const trees = SYSTEM_TREES[platform] ?? [];
  const named = platform === 'win32' ? trees.flatMap((name) => environment[name] ?? []) : trees;
  if (named.some((tree) => isWithin(tree, real)) || SYSTEM_FOLDERS[platform]?.includes(real) === true)
    throw ofTheSystem(real);
}

/** What is likely shared by mistake. */
function checkMeant(real: string, home: string): void {
  const how = 'Share a folder in it; or, if all of it is meant, share it even so.';
  if (real === home) {
    throw new BroadsideError(
      'refused',
      `${real} is your home folder: everybody could search and load all that is in it. ${how}`,
    );
  }
  if (real === parse(real).root)
    throw new BroadsideError('refused', `${real} is a whole disk: everybody could search and load it. ${how}`);
  if (isWithin(home, real) && relative(home, real).split(sep).some(isHiddenName)) {
    throw new BroadsideError(
      'refused',
      `${real} is hidden in your home folder, where programs keep settings and secrets. Choose another; or, if it is meant, share it even so.`,
    );
  }
}

function isHiddenName(name: string): boolean {
  return name.startsWith('.') || name === 'AppData' || name === 'Library';
}

function ofTheSystem(real: string): BroadsideError {
  return new BroadsideError(
    'refused',
    `${real} belongs to the system, or has everybody's folders in it. It is never shared; choose another folder.`,
  );
}

/** Also true for the folder itself. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}
