/** A fixture of files and folders that are not a database (test/vectors/disk). */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FileFixture {
  /** Of a folder in test/vectors/disk. */
  readonly name: string;
  /** Files by their names, as the program writes them below a directory. */
  write(directory: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** `directory` holds what some version wrote: it opens, and all is there. */
  read(directory: string): Promise<void>;
}

export async function filesIn(directory: string, leaveOut: RegExp = /^$/): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const name of (await readdir(directory, { recursive: true })).toSorted()) {
    const path = join(directory, name);
    if (!leaveOut.test(name) && (await stat(path)).isFile()) files.set(name.replaceAll('\\', '/'), await readFile(path));
  }
  return files;
}
