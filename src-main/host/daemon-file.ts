/** DATA/daemon.json: how a command finds the daemon of a data directory. Owner-only, for it holds the token. */
import { rmSync } from 'node:fs';
import { readJsonFile, writeOwnerFile } from './data-directory.ts';
import type { DataDirectory } from './data-directory.ts';

export interface DaemonFile {
  readonly pid: number;
  readonly port: number;
  readonly token: string;
}

export function writeDaemonFile(directory: DataDirectory, file: DaemonFile): void {
  writeOwnerFile(directory.daemon, JSON.stringify(file));
}

/** Undefined when there is none; one that a killed daemon left is returned too, for only connecting tells. */
export function readDaemonFile(directory: DataDirectory): DaemonFile | undefined {
  const value = readJsonFile(directory.daemon) as Partial<DaemonFile> | undefined;
  if (!Number.isInteger(value?.pid) || !Number.isInteger(value?.port) || typeof value?.token !== 'string')
    return undefined;
  return { pid: value.pid!, port: value.port!, token: value.token };
}

export function removeDaemonFile(directory: DataDirectory): void {
  rmSync(directory.daemon, { force: true });
}
