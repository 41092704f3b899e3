/**
 * One end of a transfer in a process of its own, on this machine's loopback or in a network namespace: what it is asked goes over
 * the channel that Node gives to a child.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

type Answer = { readonly value: unknown } | { readonly error: string };

export class BenchEnd {
  readonly #child: ReturnType<typeof spawn>;

  /** `script` calls `serveEnd`; `namespace`: of `ip netns`. */
  constructor(script: string, namespace: string | undefined) {
    const node = [process.execPath, '--disable-warning=ExperimentalWarning', script];
    const [command, ...args] = namespace === undefined ? node : ['ip', 'netns', 'exec', namespace, ...node];
    this.#child = spawn(command!, args, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, BENCH_END: script },
    });
  }

  /** One question at a time. Rejects with what went wrong there. */
  async ask<Value>(question: object): Promise<Value> {
    this.#child.send(question);
    const answer = await Promise.race([
      once(this.#child, 'message').then(([message]) => message as Answer),
      once(this.#child, 'exit').then(([code]) => ({ error: `an end of the transfer ended with ${String(code)}` })),
    ]);
    if ('error' in answer) throw new Error(answer.error);
    return answer.value as Value;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}

/** Answers questions in a process that was made for `script`; does nothing in any other. `close` ends what it began. */
export function serveEnd<Question>(
  script: string,
  answer: (question: Question) => Promise<unknown>,
  close: () => Promise<void>,
): void {
  if (process.env['BENCH_END'] !== script || process.send === undefined) return;
  delete process.env['BENCH_END'];
  process.on('message', (question: Question) => {
    answer(question).then(
      (value) => process.send?.({ value }),
      (thrown: unknown) => process.send?.({ error: thrown instanceof Error ? (thrown.stack ?? '') : String(thrown) }),
    );
  });
  process.once('disconnect', () => {
    void close().finally(() => process.exit(0));
  });
}
