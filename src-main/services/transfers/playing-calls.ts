/** The calls of players: which job is meant, or which file of a folder, and what it is called. */
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { Folders } from './folders.ts';
import type { Playing } from './playing.ts';
import { playedKey } from './playing-media.ts';

export function playHandlers(
  playing: Playing,
  jobs: Pick<JobRegistry, 'get'>,
  folders: Pick<Folders, 'play'>,
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
      if (job.state === 'done' && !playing.hasMedia(id))
        throw new BroadsideError(
          'damaged',
          'The file was changed, moved or removed since it was loaded and verified. Open it yourself, or load it again.',
        );
      return playing.start(id, job.title, link.value.root);
    },
    'play.stop': ({ play }) => {
      playing.stop(play);
      return null;
    },
  };
}
