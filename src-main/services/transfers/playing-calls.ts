/** The calls of players: which job is meant, and what it is called. */
import { parseFileLink } from '../../../shared/base/file-links.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { Handlers } from '../../../shared/ipc/rpc.ts';
import type { JobRegistry } from '../jobs/job-registry.ts';
import type { Playing } from './playing.ts';

export function playHandlers(
  playing: Playing,
  jobs: Pick<JobRegistry, 'get'>,
): Pick<Handlers, 'play.start' | 'play.stop'> {
  return {
    'play.start': ({ job: id }) => {
      const job = jobs.get(id);
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
