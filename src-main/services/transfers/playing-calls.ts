/** The calls of players: which job is meant, or which file of a folder, and what it is called. */
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { Folders } from './folders.ts';
import type { TransferHistory } from './history.ts';
import type { Playing } from './playing.ts';
import { playedKey } from './playing-media.ts';

export function playHandlers(
  playing: Playing,
  jobs: Pick<JobRegistry, 'get'>,
  folders: Pick<Folders, 'play'>,
  loaded: Pick<TransferHistory, 'media'>,
): Pick<Handlers, 'play.start' | 'play.stop'> {
  return {
    'play.start': async ({ job: id, file }) => {
      const job = jobs.get(id);
      if (job.kind === 'folder' && file !== undefined) {
        const { name, root, media } = await folders.play(id, file);
        return playing.start(playedKey(id, file), name, root, media);
      }
      const link = job.kind === 'download' ? parseFileLink(job.link) : undefined;
      if (link?.ok !== true) throw new BroadsideError('not-found', 'Only shared files that are loaded can be played.');
      const whole = job.state === 'done' ? await loaded.media(id) : undefined;
      const media = whole === undefined ? undefined : ({ kind: 'finished', file: whole } as const);
      return playing.start(id, job.title, link.value.root, media);
    },
    'play.stop': ({ play }) => {
      playing.stop(play);
      return null;
    },
  };
}
