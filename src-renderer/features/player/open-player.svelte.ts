/** The player that is open: asked of the node when its view is shown, and closed with it, so that loading goes on in order. */
import type { Reply } from '../../../shared/ipc/contract.ts';
import type { PlayingState } from '../../../shared/ipc/play-calls.ts';
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { errorWords } from '../../lib/error-words.ts';

export class OpenPlayer {
  opened = $state.raw<Reply<'play.start'>>();
  state = $state.raw<PlayingState>();
  problem = $state.raw<string>();

  /** The function returned closes it. */
  open(job: string, file?: number): () => void {
    let isWanted = true;
    let play: string | undefined;
    const stopListening = node.on('playing', (state) => {
      if (state.job === job && state.file === file) this.state = state;
    });
    node.call('play.start', { job, ...(file !== undefined && { file }) }).then(
      (opened) => {
        play = opened.play;
        if (!isWanted) return close(play);
        this.opened = opened;
        this.state = opened.state;
      },
      (thrown: unknown) => {
        if (isWanted) this.problem = errorWords(toBroadsideError(thrown));
      },
    );
    return () => {
      isWanted = false;
      stopListening();
      if (play !== undefined) close(play);
      this.opened = undefined;
      this.state = undefined;
      this.problem = undefined;
    };
  }
}

/** A connection that broke closed nothing: the node ends players that nobody reads. */
function close(play: string): void {
  node.call('play.stop', { play }).catch(() => undefined);
}
