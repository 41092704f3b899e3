/**
 * The lock and the settings of a data directory: what comes before there is a node, and all that `config` needs. The
 * network and the bootstrap nodes given on the command line are remembered here.
 */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BroadsideError } from '../../shared/base/errors.ts';
import { Settings } from '../services/settings/settings.ts';
import { lockDataDirectory } from '../storage/files/data-lock.ts';
import { createSettingsFile } from '../storage/files/settings-file.ts';
import { ensureDataDirectory, readJsonFile, writeOwnerFile } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';
import { MOVING } from './moved.ts';
import { tidyDataDirectory } from './tidy.ts';

export interface SettingsChoice {
  readonly directory: DataDirectory;
  /** Shown to whoever finds the directory in use: 'the daemon', 'broadside publish'. */
  readonly what: string;
  readonly network: string | undefined;
  readonly bootstrap: readonly string[];
  /** Told where a damaged file was moved; what is in use is a fresh one. */
  readonly onDamaged?: (movedTo: string) => void;
}

export interface LockedSettings {
  readonly settings: Settings;
  /** Resolves when what was set is on disk and the lock is free. Idempotent. */
  close(): Promise<void>;
}

/** Throws `data-in-use`, naming the holder, `usage` for a directory that cannot be used, `no-space`. */
export async function openSettingsAlone(choice: SettingsChoice): Promise<LockedSettings> {
  const { directory, what, network, bootstrap, onDamaged } = choice;
  ensureDataDirectory(directory);
  if (existsSync(join(directory.path, MOVING))) {
    throw new BroadsideError(
      'usage',
      `${directory.path} is half of a data directory that was being moved. Move it again, or remove it; the one of before is whole.`,
    );
  }
  const release = lock(directory, what);
  try {
    tidyDataDirectory(directory);
    const store = createSettingsFile({ path: directory.settings, ...(onDamaged !== undefined && { onDamaged }) });
    const settings = await Settings.load(store);
    if (network !== undefined && network !== settings.get('network')) await settings.set('network', network);
    const joined = bootstrap.join(',');
    if (joined !== '' && joined !== settings.get('bootstrap')) await settings.set('bootstrap', joined);
    let closing: Promise<void> | undefined;
    return {
      settings,
      close: () => (closing ??= settings.close().finally(release)),
    };
  } catch (thrown) {
    release();
    throw thrown;
  }
}

function lock(directory: DataDirectory, what: string): () => void {
  let held: { release(): void };
  try {
    held = lockDataDirectory(directory.path);
  } catch (thrown) {
    if (!(thrown instanceof BroadsideError) || thrown.code !== 'data-in-use') throw thrown;
    const holder = readJsonFile(directory.holder) as { pid?: unknown; what?: unknown } | undefined;
    const who =
      typeof holder?.what === 'string' && typeof holder.pid === 'number'
        ? `${holder.what} (process ${holder.pid})`
        : 'another process';
    throw new BroadsideError(
      'data-in-use',
      `The data directory ${directory.path} is in use by ${who}. Stop it, or choose another directory with --data.`,
      { cause: thrown },
    );
  }
  try {
    writeOwnerFile(directory.holder, JSON.stringify({ pid: process.pid, what }));
  } catch (thrown) {
    held.release();
    throw thrown;
  }
  return () => {
    rmSync(directory.holder, { force: true });
    held.release();
  };
}
