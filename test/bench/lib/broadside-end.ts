/** A daemon that shares a file, or loads one, as one end of `npm run bench -- transfers`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContractClient } from '../../../shared/ipc/rpc.ts';
import { connectDaemon, jobEnd } from '../../support/practice.ts';
import { shareFolder } from '../../support/sharing.ts';
import { startDaemon } from '../../support/spawn.ts';
import { secondsOf } from './processor-time.ts';
import { BenchEnd, serveEnd } from './bench-end.ts';

const SCRIPT = fileURLToPath(import.meta.url);

interface Started {
  readonly pid: number;
  readonly publicKey: string;
}

export interface Loaded {
  readonly seconds: number;
  readonly path: string;
  /** Processor time of the daemon for it. */
  readonly processorSeconds: number;
}

type Question =
  | { readonly do: 'start'; readonly directory: string; readonly bootstrap: string; readonly tcp: boolean }
  | { readonly do: 'share'; readonly folder: string }
  | { readonly do: 'load'; readonly link: string; readonly sources: readonly string[]; readonly directory: string };

/** The parent's side. */
export class BroadsideEnd {
  readonly #end: BenchEnd;
  #started: Started | undefined;

  private constructor(end: BenchEnd) {
    this.#end = end;
  }

  /** `tcp`: its links may move to TCP. */
  static async start(directory: string, bootstrap: string, namespace?: string, tcp = true): Promise<BroadsideEnd> {
    const self = new BroadsideEnd(new BenchEnd(SCRIPT, namespace));
    self.#started = await self.#ask<Started>({ do: 'start', directory, bootstrap, tcp });
    return self;
  }

  get publicKey(): string {
    return this.#started!.publicKey;
  }

  get pid(): number {
    return this.#started!.pid;
  }

  /** The link of the one file in a folder. */
  share(folder: string): Promise<string> {
    return this.#ask({ do: 'share', folder });
  }

  load(link: string, sources: readonly string[], directory: string): Promise<Loaded> {
    return this.#ask({ do: 'load', link, sources, directory });
  }

  stop(): Promise<void> {
    return this.#end.stop();
  }

  #ask<Value>(question: Question): Promise<Value> {
    return this.#end.ask<Value>(question);
  }
}

let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
let client: ContractClient | undefined;

serveEnd<Question>(
  SCRIPT,
  async (question) => {
    if (question.do === 'start') {
      const more = ['--quiet', '--network', 'practice-transfers', '--bootstrap', question.bootstrap];
      const data = join(question.directory, 'node');
      await mkdir(data, { recursive: true, mode: 0o700 });
      await writeFile(join(data, 'settings.json'), JSON.stringify({ tcp: question.tcp }));
      daemon = await startDaemon(data, more);
      client = await connectDaemon(new URL(daemon.ready.url));
      return { pid: daemon.pid, publicKey: daemon.ready.publicKey };
    }
    if (daemon === undefined || client === undefined) throw new Error('the daemon was not started');
    if (question.do === 'share') {
      const [link] = (await shareFolder(client, question.folder)).values();
      return link;
    }
    const { link, sources, directory } = question;
    const startedSeconds = secondsOf(daemon.pid);
    const startedMs = performance.now();
    const { job } = await client.call('download.start', { link, directory, sources: [...sources] });
    const ended = await jobEnd(client, job, 'download');
    if (ended.state !== 'done') throw new Error(`loading failed: ${ended.error?.message}`);
    return {
      seconds: (performance.now() - startedMs) / 1_000,
      path: ended.path,
      processorSeconds: secondsOf(daemon.pid) - startedSeconds,
    };
  },
  async () => {
    await daemon?.stop();
  },
);
