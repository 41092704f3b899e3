/** When threads of a pool begin and end. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ThreadPool } from '../../../src-main/workers/thread-pool.ts';

interface Answer {
  readonly task: number;
  readonly thread: number;
}

/** Answers each task with the number of its thread. */
const ECHO = `
  const { parentPort, threadId } = require('node:worker_threads');
  parentPort.on('message', ({ task }) => parentPort.postMessage({ task, thread: threadId }));
`;

function poolOf(context: TestContext, idleMs: number): ThreadPool<{ task: number }, Answer> {
  const script = `data:text/javascript,import{createRequire}from'node:module';const require=createRequire('/');${encodeURIComponent(ECHO)}`;
  const pool = new ThreadPool<{ task: number }, Answer>({ threads: 2, workerUrl: new URL(script), idleMs });
  context.after(() => pool.close());
  return pool;
}

function ask(pool: ThreadPool<{ task: number }, Answer>): Promise<number> {
  const thread = pool.thread();
  return new Promise((resolve, reject) => {
    const task = thread.begin({
      deliver: (answer) => {
        thread.end(task);
        resolve(answer.thread);
      },
      fail: (message) => reject(new Error(message)),
    });
    thread.post({ task });
  });
}

it('gives a thread one task after another, and a second thread what the first has no time for', async (context) => {
  const pool = poolOf(context, 60_000);
  const first = await ask(pool);
  assert.equal(await ask(pool), first);
  const both = await Promise.all([ask(pool), ask(pool), ask(pool)]);
  assert.equal(new Set(both).size, 2);
});

it('ends a thread that had nothing to do for a while, and starts one for the next task', async (context) => {
  const idleMs = 30;
  const pool = poolOf(context, idleMs);
  const first = await ask(pool);
  let next = first;
  for (let tries = 1; next === first && tries < 100; tries += 1) {
    await pause(idleMs * tries);
    next = await ask(pool);
  }
  assert.notEqual(next, first);
});
