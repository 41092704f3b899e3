/**
 * DATA/daemon.json: how a command finds the daemon of a data directory, while it runs. DATA/interface.json: the token and the port that the
 * next daemon takes again, so that windows that are open find it by themselves, and a tunnel to it goes on. Owner-only, both.
 */
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

/** What windows know a daemon by. */
export type InterfaceAddress = Pick<DaemonFile, 'port' | 'token'>;

/** Those of the last daemon; undefined when there was none. */
export function readInterfaceAddress(directory: DataDirectory): InterfaceAddress | undefined {
  const value = readJsonFile(directory.interface) as Partial<InterfaceAddress> | undefined;
  const { port, token } = value ?? {};
  if (typeof token !== 'string' || !/^[\w-]{43}$/.test(token)) return undefined;
  return Number.isInteger(port) && port! > 0 && port! < 65_536 ? { port: port!, token } : undefined;
}

export function writeInterfaceAddress(directory: DataDirectory, { port, token }: InterfaceAddress): void {
  writeOwnerFile(directory.interface, JSON.stringify({ port, token }));
}
