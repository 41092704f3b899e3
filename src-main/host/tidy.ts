/**
 * Takes away what a process that was killed in the middle of a write left in the data directory: temporary files of what is written
 * beside its place and renamed. Only to be called by who holds the lock of the directory: nobody else writes there then.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataDirectory } from './data-directory.ts';

const LEFT = [
  /** Secrets (storage/files/secret-file.ts). */
  /^\.[0-9a-z-]+\.key\.[0-9a-f]{16}$/,
  /** Whole files (storage/files/durable-file.ts, data-directory.ts, and as earlier versions called them). */
  /^\.[0-9a-z-]+\.(?:json|key)\.new$/,
  /^[a-z-]+\.json\.new(?:-\d+)?$/,
  /^known-nodes\.json\.[0-9a-f]{8}\.tmp$/,
];

/** What cannot be looked at or removed stays for the next start. */
export function tidyDataDirectory({ path, pens }: DataDirectory): void {
  for (const directory of [path, pens]) {
    for (const name of namesIn(directory)) {
      if (!LEFT.some((pattern) => pattern.test(name))) continue;
      try {
        rmSync(join(directory, name), { force: true });
      } catch {
        // Not ours to remove.
      }
    }
  }
}

/** Uploads lie in clear: none waits on a disk that is locked with a passphrase. */
export function tidyStaging({ staging }: DataDirectory, isLocked: boolean): void {
  if (!isLocked) return;
  for (const name of namesIn(staging)) {
    try {
      rmSync(join(staging, name), { recursive: true, force: true });
    } catch {
      // Not ours to remove.
    }
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
