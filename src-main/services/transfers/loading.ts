/** All of loading that stands beside single downloads, put together: browsing, folders, whose turn it is, limits by the hour, figures. */
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { LibraryRow, LibraryStore } from '../../core/ports.ts';
import type { Clock } from '../jobs/clock.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { TransferNetwork } from '../node/transfer-network.ts';
import { Browse, shelfFor } from '../search/browse.ts';
import type { Settings } from '../settings/settings.ts';
import type { Shares } from '../shares/shares.ts';
import type { RunDeps } from './download-run.ts';
import { DownloadQueue } from './download-queue.ts';
import type { Downloads } from './downloads.ts';
import { Folders } from './folders.ts';
import { Limits, localMinuteOfDay } from './limits.ts';
import { TransferStatistics } from './statistics.ts';

interface LoadingDeps extends RunDeps {
  readonly clock: Clock;
  readonly network: TransferNetwork;
  readonly jobs: JobRegistry;
  readonly settings: Settings;
  readonly libraryStore: LibraryStore;
  readonly shares: Pick<Shares, 'find' | 'page'>;
  /** Another job goes on with one. */
  readonly onResumed: (job: string, next: string) => void;
  readonly onDefect: (thrown: unknown) => void;
}

type LoadingCall = Extract<keyof Handlers, `folder.${string}` | `transfers.${string}` | 'download.order'>;

export class Loading {
  readonly browse: Browse;
  readonly queue: DownloadQueue;
  readonly folders: Folders;
  readonly #deps: LoadingDeps;
  readonly #limits: Limits;
  readonly #statistics: TransferStatistics;
  readonly #stopSettings: () => void;

  constructor(deps: LoadingDeps, rows: readonly LibraryRow[]) {
    const { clock, settings, network, shares } = deps;
    this.#deps = deps;
    this.browse = new Browse({ clock, network: network.browsing, isHere: (root) => shares.find(root).length > 0 });
    this.queue = new DownloadQueue({ clock, most: () => settings.get('downloads-at-once') });
    const list = (user: string, folder: string, signal: AbortSignal) => this.browse.files(user, folder, signal);
    this.folders = new Folders({ ...deps, queue: this.queue, list }, rows);
    this.#limits = new Limits({
      ...{ clock, settings, minuteOfDay: localMinuteOfDay },
      apply: (rates) => network.setRates(rates),
    });
    const find = (root: Uint8Array) => shares.find(root);
    this.#statistics = new TransferStatistics({ ...deps, find, limits: () => this.#limits.now() }, rows);
    this.#stopSettings = settings.onChange((_, changed) => {
      if (changed.includes('downloads-at-once')) this.queue.go();
    });
  }

  handlers(downloads: Pick<Downloads, 'setPriority'>): Pick<Handlers, LoadingCall> {
    return {
      ...this.folders.handlers,
      'download.order': async ({ job, priority, move }) => {
        const whose = this.#deps.jobs.get(job).kind === 'folder' ? this.folders : downloads;
        if (priority !== undefined) await whose.setPriority(job, priority);
        if (move !== undefined) this.queue.move(job, move);
        return null;
      },
      'transfers.figures': () => this.#statistics.figures(),
    };
  }

  /** The node runs. `isBlocked`: hexadecimal. */
  begin(isBlocked: (publicKey: string) => boolean): void {
    const { settings, shares, network } = this.#deps;
    const isAllowed = (): boolean => settings.get('browse-shares');
    const rules = { isAllowed, isBlocked, page: shares.page.bind(shares) };
    network.browsing.answerWith((publicKey, question) => shelfFor(rules, publicKey, question));
    this.#limits.begin();
    this.folders.begin();
  }

  async close(): Promise<void> {
    this.#stopSettings();
    this.#limits.close();
    await this.folders.close();
    await this.#statistics.close();
  }
}
