/** The practice network that the app can start, as the node last said. */
import type { Practice } from '../../shared/ipc/practice-calls.ts';
import { node } from './connection/node.svelte.ts';
import { notices } from './notices.svelte.ts';

class PracticeNetwork {
  /** Undefined until the node has said. */
  current = $state.raw<Practice>();
  readonly canStart = $derived(this.current !== undefined && this.current.state !== 'impossible');
  readonly isOn = $derived(this.current?.state === 'on');

  /** Keeps it up to date; the function returned ends that. */
  watch(): () => void {
    void this.#refresh();
    return node.on('practice', (practice) => (this.current = practice));
  }

  async start(): Promise<void> {
    await notices.attempt(() => node.call('practice.start', null));
  }

  async stop(): Promise<void> {
    await notices.attempt(() => node.call('practice.stop', null));
  }

  async #refresh(): Promise<void> {
    try {
      this.current = await node.call('practice.get', null);
    } catch {
      // The connection broke; it is asked again with the next one.
    }
  }
}

export const practice = new PracticeNetwork();
