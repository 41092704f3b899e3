/** The thread of pool.ts: walks shared folders and hashes what is in them, a step when one is asked for. */
import { parentPort } from 'node:worker_threads';
import { createSodiumCrypto } from '../sodium/crypto.ts';
import { hashSteps } from './hash.ts';
import { storeChunk } from './store-chunk.ts';
import type { FromThread, HashStep, ToThread, WalkStep } from './messages.ts';
import { walkSteps } from './walk.ts';

type Steps = Generator<WalkStep, void, void> | AsyncGenerator<HashStep, void, void>;

interface Task {
  readonly steps: Steps;
  /** One step after the other, though more may have been asked for. */
  last: Promise<void>;
}

const crypto = createSodiumCrypto();
const tasks = new Map<number, Task>();

function post(message: FromThread): void {
  parentPort!.postMessage(message);
}

async function makeStep(id: number, steps: Steps): Promise<void> {
  if (!tasks.has(id)) return;
  try {
    const { done, value } = await steps.next();
    if (!tasks.has(id)) return;
    if (done === true) tasks.delete(id);
    post(done === true ? { type: 'end', task: id } : { ...value, task: id });
  } catch (thrown) {
    tasks.delete(id);
    post({ type: 'fault', task: id, message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
}

parentPort!.on('message', (message: ToThread) => {
  const id = message.task;
  switch (message.type) {
    case 'walk':
      tasks.set(id, { steps: walkSteps(message), last: Promise.resolve() });
      break;
    case 'hash':
      tasks.set(id, { steps: hashSteps(crypto, message), last: Promise.resolve() });
      break;
    case 'store':
      post({ task: id, ...storeChunk(crypto, message) });
      break;
    case 'next': {
      const task = tasks.get(id);
      if (task !== undefined) task.last = task.last.then(() => makeStep(id, task.steps));
      break;
    }
    case 'drop': {
      const task = tasks.get(id);
      tasks.delete(id);
      // Closes the file that it was reading.
      if (task === undefined) break;
      void task.last.then(async () => {
        await task.steps.return();
      });
    }
  }
});
