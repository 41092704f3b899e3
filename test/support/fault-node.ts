/**
 * Faults of the writes that this thread makes by node:fs, wherever tests run: its functions are replaced, and those that modules
 * have imported with them (syncBuiltinESMExports). What SQLite and other threads write is not seen (fault-shim.ts sees it).
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import type { FaultKind, FaultPlan, Faults } from './fault-plan.ts';

type Each = (...values: never[]) => unknown;
type Functions = Record<string, Each>;

/** Of file handles: which need room. */
const OF_HANDLES = {
  write: true,
  writeFile: true,
  writev: true,
  truncate: false,
  sync: false,
  datasync: false,
} as const;

export class NodeFaults implements Faults {
  readonly #root: string;
  readonly #undo: (() => void)[] = [];
  /** Paths of the files that are open below the root. */
  readonly #handles = new WeakSet<object>();
  readonly #files = new Set<number>();
  #plan: FaultPlan | undefined;
  #seen = 0;
  #failed = 0;

  private constructor(root: string) {
    this.#root = root;
  }

  /** Faults below a directory, until `restore`. One at a time. */
  static async install(root: string): Promise<NodeFaults> {
    const faults = new NodeFaults(root);
    await faults.#replaceAll();
    syncBuiltinESMExports();
    return faults;
  }

  restore(): void {
    for (const undo of this.#undo.splice(0)) undo();
    syncBuiltinESMExports();
  }

  arm(plan: FaultPlan): void {
    this.#plan = plan;
    this.#seen = 0;
    this.#failed = 0;
  }

  disarm(): { readonly seen: number; readonly failed: number } {
    this.#plan = undefined;
    return { seen: this.#seen, failed: this.#failed };
  }

  /** What this call fails with; undefined where it does not. */
  #failure(call: string, needsRoom: boolean): (Error & { readonly isFirst: boolean }) | undefined {
    const plan = this.#plan;
    if (plan === undefined || (plan.kind === 'full' && !needsRoom)) return undefined;
    this.#seen += 1;
    const hits = plan.kind === 'full' ? this.#seen >= plan.at : this.#seen === plan.at;
    if (plan.at === 0 || !hits) return undefined;
    this.#failed += 1;
    return Object.assign(errorOf(plan.kind, call), { isFirst: this.#seen === plan.at });
  }

  #isBelow(path: unknown): boolean {
    return typeof path === 'string' && (path === this.#root || path.startsWith(this.#root + sep));
  }

  #replace(owner: object, name: string, make: (real: Each) => Each): void {
    const functions = owner as Functions;
    const real = functions[name]!;
    functions[name] = make(real);
    this.#undo.push(() => {
      functions[name] = real;
    });
  }

  async #replaceAll(): Promise<void> {
    const ofPaths: readonly (readonly [name: string, argument: number, needsRoom: boolean])[] = [
      ['rename', 1, false],
      ['link', 1, true],
      ['truncate', 0, false],
    ];
    for (const [name, argument, needsRoom] of ofPaths) {
      const isHit = (values: unknown[]): Error | undefined =>
        this.#isBelow(values[argument]) ? this.#failure(name, needsRoom) : undefined;
      this.#replace(fs.promises, name, (real) => this.#later(real, isHit));
      this.#replace(fs, `${name}Sync`, (real) => now(real, isHit));
    }
    const makes = (call: string) => (values: unknown[]) =>
      this.#isBelow(values[0]) && !fs.existsSync(values[0] as string) ? this.#failure(call, true) : undefined;
    this.#replace(fs.promises, 'mkdir', (real) => this.#later(real, makes('mkdir')));
    this.#replace(fs, 'mkdirSync', (real) => now(real, makes('mkdir')));
    this.#replaceOpening();
    this.#replaceWholeFiles();
    await this.#replaceHandles();
  }

  #replaceOpening(): void {
    const isMade = (values: unknown[]): Error | undefined => {
      const [path, flags] = values;
      const creates =
        typeof flags === 'number' ? (flags & fs.constants.O_CREAT) !== 0 : /[wa]/.test(String(flags ?? 'r'));
      return creates && this.#isBelow(path) && !fs.existsSync(path as string) ? this.#failure('open', true) : undefined;
    };
    this.#replace(fs.promises, 'open', (real) => async (...values: never[]) => {
      const handle = (await this.#later(real, isMade)(...values)) as object;
      if (this.#isBelow(values[0])) this.#handles.add(handle);
      return handle;
    });
    this.#replace(fs, 'openSync', (real) => (...values: never[]) => {
      const file = now(real, isMade)(...values) as number;
      if (this.#isBelow(values[0])) this.#files.add(file);
      return file;
    });
    this.#replace(fs, 'closeSync', (real) => (...values: never[]) => {
      this.#files.delete(values[0]! as number);
      return real(...values);
    });
    const written = (needsRoom: boolean, call: string) => (values: unknown[]) =>
      this.#files.has(values[0] as number) ? this.#failure(call, needsRoom) : undefined;
    this.#replace(fs, 'writeSync', (real) => now(real, written(true, 'write')));
    this.#replace(fs, 'fsyncSync', (real) => now(real, written(false, 'fsync')));
  }

  /** One call that makes a file, writes it, and flushes it where it is told to. */
  #replaceWholeFiles(): void {
    const half = (path: string, bytes: string | Uint8Array): void =>
      fs.writeFileSync(
        path,
        typeof bytes === 'string' ? bytes.slice(0, bytes.length / 2) : bytes.subarray(0, bytes.length / 2),
      );
    const isHit = (values: unknown[]): Error | undefined => {
      const [path, bytes, options] = values as [unknown, string | Uint8Array, { flush?: boolean } | undefined];
      if (!this.#isBelow(path)) return undefined;
      const made = fs.existsSync(path as string) ? undefined : this.#failure('open', true);
      if (made !== undefined) return made;
      const failure = this.#failure('write', true);
      const plan = this.#plan;
      this.#plan = undefined;
      if (failure?.isFirst === true) half(path as string, bytes);
      this.#plan = plan;
      return failure ?? (options?.flush === true ? this.#failure('fsync', false) : undefined);
    };
    this.#replace(fs.promises, 'writeFile', (real) => this.#later(real, isHit));
    this.#replace(fs, 'writeFileSync', (real) => now(real, isHit));
  }

  async #replaceHandles(): Promise<void> {
    const probe = await fs.promises.open(process.execPath, 'r');
    const prototype = Object.getPrototypeOf(probe) as object;
    await probe.close();
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const faults = this;
    for (const [name, needsRoom] of Object.entries(OF_HANDLES)) {
      this.#replace(prototype, name, (real) => {
        return async function (this: object, ...values: never[]): Promise<unknown> {
          const failure = faults.#handles.has(this) ? faults.#failure(name, needsRoom) : undefined;
          if (failure === undefined) return real.apply(this, values);
          if (needsRoom && failure.isFirst && faults.#plan?.kind === 'full')
            await writeHalf.call(this, name, real, values);
          throw failure;
        };
      });
    }
  }

  #later(real: Each, failureOf: (values: unknown[]) => Error | undefined): Each {
    return async (...values: never[]) => {
      const failure = failureOf(values);
      if (failure !== undefined) throw failure;
      return real(...values);
    };
  }
}

function now(real: Each, failureOf: (values: unknown[]) => Error | undefined): Each {
  return (...values: never[]) => {
    const failure = failureOf(values);
    if (failure !== undefined) throw failure;
    return real(...values);
  };
}

async function writeHalf(this: object, name: string, real: Each, values: never[]): Promise<void> {
  const [bytes, offset, length, position] = values as unknown as [Uint8Array | string, number?, number?, number?];
  if (typeof bytes === 'string') {
    await real.apply(this, [bytes.slice(0, bytes.length / 2)] as never[]);
  } else if (name === 'writeFile' || offset === undefined) {
    await real.apply(this, [bytes.subarray(0, bytes.length / 2)] as never[]);
  } else {
    await real.apply(this, [bytes, offset, Math.floor((length ?? 0) / 2), position] as never[]);
  }
}

function errorOf(kind: FaultKind, call: string): Error {
  const [code, text] = kind === 'full' ? ['ENOSPC', 'no space left on device'] : ['EIO', 'i/o error'];
  return Object.assign(new Error(`${code}: ${text}, ${call}`), { code, syscall: call });
}
