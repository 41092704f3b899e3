/**
 * Watches a shared folder for changes. On Windows and macOS the system watches a tree; on Linux each directory is watched by itself
 * (inotify), because Node's own recursion watches each file and follows links. What cannot be watched (a full table of the system,
 * a network share that tells nothing) is looked at from time to time.
 */
import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { join } from 'node:path';
import type { FolderWatch } from './ports.ts';

/** Directories of one folder that are watched by themselves; each is a kilobyte of the kernel's. Beyond, none of it is. */
const MAX_WATCHED_DIRECTORIES = 16_384;

/** `onChange` is given a directory relative to `root`, '/' between, in which something came, went or was written. */
export function watchFolder(
  root: string,
  onChange: (directory: string) => void,
  platform: NodeJS.Platform = process.platform,
): FolderWatch {
  return platform === 'linux' ? new DirectoryWatch(root, onChange) : new TreeWatch(root, onChange);
}

class TreeWatch implements FolderWatch {
  #watcher: FSWatcher | undefined;

  constructor(root: string, onChange: (directory: string) => void) {
    try {
      this.#watcher = watch(root, { recursive: true, persistent: false }, (_, name) => {
        const path = (name ?? '').replaceAll('\\', '/');
        onChange(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
      });
      this.#watcher.on('error', () => this.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  get works(): boolean {
    return this.#watcher !== undefined;
  }

  cover(): readonly string[] {
    return [];
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

class DirectoryWatch implements FolderWatch {
  readonly #root: string;
  readonly #onChange: (directory: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #works = true;

  constructor(root: string, onChange: (directory: string) => void) {
    this.#root = root;
    this.#onChange = onChange;
  }

  get works(): boolean {
    return this.#works;
  }

  cover(directories: Iterable<string>): readonly string[] {
    if (!this.#works) return [];
    const wanted = new Set(directories);
    for (const [directory, watcher] of this.#watchers) {
      if (wanted.has(directory)) continue;
      watcher.close();
      this.#watchers.delete(directory);
    }
    const fresh = [...wanted].filter((directory) => !this.#watchers.has(directory));
    if (wanted.size > MAX_WATCHED_DIRECTORIES) this.close();
    else for (const directory of fresh) this.#watch(directory);
    return fresh;
  }

  #watch(directory: string): void {
    if (!this.#works) return;
    try {
      const watcher = watch(join(this.#root, directory), { persistent: false }, () => this.#onChange(directory));
      watcher.on('error', () => this.#drop(directory));
      this.#watchers.set(directory, watcher);
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      // Gone since it was found: its parent tells of that. Anything else is the end of the system's table.
      if (code !== 'ENOENT' && code !== 'EACCES') this.close();
    }
  }

  #drop(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }

  close(): void {
    this.#works = false;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }
}
