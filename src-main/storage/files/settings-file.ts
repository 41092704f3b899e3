/** Settings as a JSON object in a file that people may read and edit. */
import { access, readFile, rename, stat } from 'node:fs/promises';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { SettingsStore } from '../../core/ports.ts';
import { fileErrorCode, replaceFile, toFileError } from './durable-file.ts';

/** Fifty times what all settings take together; what is larger is not ours. */
export const MAX_SETTINGS_BYTES = 256 * 1024;
/** More damaged files than this are not kept: the last is overwritten. */
const MAX_DAMAGED_FILES = 100;

export interface SettingsFileOptions {
  readonly path: string;
  /** Told where a file was moved that is not a JSON object; the defaults hold from then on. */
  readonly onDamaged?: (movedTo: string) => void;
}

/** No file is no settings. Errors of both methods: 'no-space', 'unexpected'; 'usage' for values that are too large. */
export function createSettingsFile(options: SettingsFileOptions): SettingsStore {
  const { path, onDamaged } = options;
  /** Reads and writes take turns, in the order of the calls. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  return {
    read: () =>
      inTurn(async () => {
        const values = await readObject(path);
        if (values !== 'damaged') return values;
        const movedTo = await moveAside(path);
        onDamaged?.(movedTo);
        return {};
      }),
    write: (values) => {
      const text = `${JSON.stringify(values, undefined, 2)}\n`;
      const bytes = new TextEncoder().encode(text);
      if (bytes.length > MAX_SETTINGS_BYTES)
        return Promise.reject(new BroadsideError('usage', 'these settings are too large'));
      return inTurn(() => replaceFile(path, bytes));
    },
  };
}

async function readObject(path: string): Promise<Record<string, unknown> | 'damaged'> {
  let bytes: Uint8Array;
  try {
    if ((await stat(path)).size > MAX_SETTINGS_BYTES) return 'damaged';
    bytes = await readFile(path);
  } catch (thrown) {
    if (fileErrorCode(thrown) === 'ENOENT') return {};
    throw toFileError(thrown, path);
  }
  try {
    const values: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const isObject = typeof values === 'object' && values !== null && !Array.isArray(values);
    return isObject ? (values as Record<string, unknown>) : 'damaged';
  } catch {
    return 'damaged';
  }
}

async function moveAside(path: string): Promise<string> {
  let number = 1;
  while (number < MAX_DAMAGED_FILES && (await exists(`${path}.damaged-${number}`))) number += 1;
  const target = `${path}.damaged-${number}`;
  try {
    await rename(path, target);
  } catch (thrown) {
    throw toFileError(thrown, path);
  }
  return target;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
