/**
 * Faults of every write of a process, those of SQLite and of threads included: fault-shim.c, made by the C compiler of the
 * machine and loaded before its C library. Linux with a compiler only; the process is a child (`environmentOf`), which arms it by
 * `ShimFaults`.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync, realpathSync, writeFileSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './project-root.ts';
import type { FaultPlan, Faults } from './fault-plan.ts';

/** Of `struct control` in fault-shim.c. */
const FIELDS = ['failAt', 'error', 'sticky', 'seen', 'failed'] as const;
const FIELD_BYTES = 8;

/** Makes the library in a directory; its path, or why there is none. */
export function makeShim(directory: string): { readonly library: string } | { readonly problem: string } {
  if (process.platform !== 'linux') return { problem: 'writes of SQLite are made to fail on Linux only' };
  const library = join(directory, 'fault-shim.so');
  const source = join(projectRoot, 'test', 'support', 'fault-shim.c');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'], { stdio: 'pipe' });
  } catch {
    return { problem: 'there is no C compiler (cc) that makes test/support/fault-shim.c' };
  }
  return { library };
}

/** Of a process whose writes below `root` can be made to fail; `control` is where it is told which. */
export function environmentOf(library: string, root: string, control: string): NodeJS.ProcessEnv {
  writeFileSync(control, Buffer.alloc(FIELDS.length * FIELD_BYTES));
  return { ...process.env, LD_PRELOAD: library, FAULT_ROOT: realpathSync(root), FAULT_CONTROL: control };
}

export class ShimFaults implements Faults {
  readonly #file: number;

  /** `control`: as given to `environmentOf`. */
  constructor(control: string) {
    this.#file = openSync(control, 'r+');
  }

  arm({ kind, at }: FaultPlan): void {
    const isFull = kind === 'full';
    this.#write('seen', 0);
    this.#write('failed', 0);
    this.#write('error', isFull ? constants.errno.ENOSPC : constants.errno.EIO);
    this.#write('sticky', isFull ? 1 : 0);
    this.#write('failAt', at);
  }

  disarm(): { readonly seen: number; readonly failed: number } {
    this.#write('failAt', 0);
    return { seen: this.#read('seen'), failed: this.#read('failed') };
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(field: (typeof FIELDS)[number], value: number): void {
    const bytes = Buffer.alloc(FIELD_BYTES);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.#file, bytes, 0, FIELD_BYTES, FIELDS.indexOf(field) * FIELD_BYTES);
  }

  #read(field: (typeof FIELDS)[number]): number {
    const bytes = Buffer.alloc(FIELD_BYTES);
    readSync(this.#file, bytes, 0, FIELD_BYTES, FIELDS.indexOf(field) * FIELD_BYTES);
    return Number(bytes.readBigInt64LE());
  }
}
