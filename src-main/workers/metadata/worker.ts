/** A thread that looks for metadata and strips it, one file after the other: what a hostile one costs is this thread's time. */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { MetadataProblem } from './findings.ts';
import { look, strip } from './look.ts';
import type { FromThread, ToThread } from './messages.ts';

// Libraries remark on what they find; standard output is for results.
for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) console[name] = () => undefined;

const port = parentPort!;
let last: Promise<void> = Promise.resolve();
port.on('message', (request: ToThread) => {
  last = last.then(() => answer(request));
});

async function answer(request: ToThread): Promise<void> {
  const { task } = request;
  let message: FromThread;
  try {
    if (request.kind === 'look') message = { task, ok: true, findings: await look(request) };
    else {
      const bytes = await strip(request);
      write(request.to, bytes);
      message = { task, ok: true, stripped: { sizeBytes: bytes.length } };
    }
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const reason = thrown instanceof MetadataProblem ? thrown.reason : undefined;
    message = { task, ok: false, ...(reason !== undefined && { reason }), message: text };
  }
  port.postMessage(message);
}

function write(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
