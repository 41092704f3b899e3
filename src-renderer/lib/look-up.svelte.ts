/** Where a short address leads: asked for once, shown by the view of addresses. Never in the route, as links are not. */
import { toBroadsideError } from '../../shared/base/errors.ts';
import type { BroadsideError } from '../../shared/base/errors.ts';
import type { Resolved } from '../../shared/ipc/address-model.ts';
import { node } from './connection/node.svelte.ts';

class LookUp {
  /** As it was typed; undefined before anything was. */
  text = $state<string>();
  found = $state.raw<Resolved>();
  problem = $state.raw<BroadsideError>();
  #count = 0;

  /** Resolves to what it leads to; undefined when that failed, or something else was asked for meanwhile. */
  async begin(text: string): Promise<Resolved | undefined> {
    this.#count += 1;
    const count = this.#count;
    this.text = text;
    this.found = undefined;
    this.problem = undefined;
    try {
      const found = await node.call('address.resolve', { address: text });
      if (count !== this.#count) return undefined;
      this.found = found;
      return found;
    } catch (thrown) {
      if (count === this.#count) this.problem = toBroadsideError(thrown);
      return undefined;
    }
  }
}

export const lookUp = new LookUp();
