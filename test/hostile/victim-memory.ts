/**
 * What is alive in the memory of a process that was started with `collectingEnvironment`: what is left after a collection of all that is not
 * needed, of its main thread and of its other threads. The part that collects is loaded before the program (`--import`) and knows nothing of it;
 * SIGUSR2 has it collect and write what is left. What a process has resident is more: what V8 and the system's allocator keep for the next need.
 */
import { subscribe } from 'node:diagnostics_channel';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';
import type { Worker } from 'node:worker_threads';

const WRITE_TIMEOUT_MS = 60_000;
const POLL_MS = 20;
const THREAD_TIMEOUT_MS = 2_000;

/** Bytes. */
export interface AliveMemory {
  /** Objects of the main thread. */
  readonly heap: number;
  /** Buffers of it, those that lie in shared memory too. */
  readonly outside: number;
  /** Objects and buffers of the other threads. They are counted as they are: nobody but they can collect them. */
  readonly threads: number;
}

export function collectingEnvironment(path: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import ${pathToFileURL(import.meta.filename).href}`.trim(),
    VICTIM_MEMORY: path,
  };
}

export async function askMemory(pid: number, path: string): Promise<AliveMemory> {
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  const deadlineMs = performance.now() + WRITE_TIMEOUT_MS;
  while (!existsSync(path)) {
    if (performance.now() > deadlineMs) throw new Error('the process whose memory is asked for does not answer');
    await pause(POLL_MS);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as AliveMemory;
}

function watch(path: string): void {
  const workers = new Set<Worker>();
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    void (async () => {
      // What finalizers hold goes with the second.
      collect();
      await pause(0);
      collect();
      const { heapUsed, external } = process.memoryUsage();
      const each = await Promise.all([...workers].map(bytesOf));
      const alive: AliveMemory = {
        heap: heapUsed,
        outside: external,
        threads: each.reduce((sum, bytes) => sum + bytes, 0),
      };
      writeFileSync(`${path}.part`, JSON.stringify(alive));
      renameSync(`${path}.part`, path);
    })();
  });
}

/** 0 for one that ends meanwhile, or cannot say because it waits for something. */
async function bytesOf(worker: Worker): Promise<number> {
  const late = pause(THREAD_TIMEOUT_MS, undefined, { ref: false });
  const told = await Promise.race([worker.getHeapStatistics().catch(() => undefined), late]);
  return told === undefined ? 0 : told.used_heap_size + told.external_memory;
}

const wanted = process.env['VICTIM_MEMORY'];
if (wanted !== undefined && isMainThread) {
  delete process.env['VICTIM_MEMORY'];
  watch(wanted);
}
