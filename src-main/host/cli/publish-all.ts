/** Publishes a few paths one after the other from a node of their own, which is gone afterwards: its content lives on others. */
import { dataDirectoryAt } from '../data-directory.ts';
import { runJob, waitForNeighbour } from './job.ts';
import type { Output } from './output.ts';
import type { Sample } from './samples/samples.ts';
import { openSession } from './session.ts';

export async function publishAll(
  samples: readonly Sample[],
  options: {
    readonly directory: string;
    readonly network: string;
    readonly bootstrap: readonly string[];
    readonly output: Output;
    readonly signal: AbortSignal;
    readonly onDefect: (thrown: unknown) => void;
  },
): Promise<{ title: string; link: string }[]> {
  const { network, bootstrap, output, signal, onDefect } = options;
  const directory = dataDirectoryAt(options.directory);
  const session = await openSession({ directory, what: 'the publisher of the samples', network, bootstrap, onDefect });
  try {
    await waitForNeighbour(session, output, signal);
    const published: { title: string; link: string }[] = [];
    for (const { path, title } of samples) {
      const job = await runJob(
        session,
        'publish',
        // Permanent: nobody has to keep a password for a sample, and no time goes into making one.
        () =>
          session.client.call('publish.start', { source: { kind: 'path', path }, title, k: 3, n: 10, class: 'fixed' }),
        output,
        signal,
      );
      published.push({ title, link: job.link ?? '' });
    }
    return published;
  } finally {
    await session.close();
  }
}
