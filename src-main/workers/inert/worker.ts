/** A thread that makes documents inert, one after the other: what a hostile one costs is this thread's time. */
import { parentPort } from 'node:worker_threads';
import { inertDocument } from './document.ts';
import { NotInert } from './finish.ts';
import type { FromThread, ToThread } from './messages.ts';

const port = parentPort!;
port.on('message', (request: ToThread) => {
  const { task } = request;
  try {
    const result = inertDocument(request);
    const answer: FromThread = { task, ok: true, ...result };
    port.postMessage(answer, [result.bytes.buffer as ArrayBuffer]);
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const answer: FromThread = { task, ok: false, notInert: thrown instanceof NotInert, message };
    port.postMessage(answer);
  }
});
