/** Own pen names, own claims and what is followed, as the node last said; asked for while somebody looks at them. */
import type { Following, OwnClaim, Pen } from '../../shared/ipc/address-model.ts';
import { node } from './connection/node.svelte.ts';

class AddressBook {
  pens = $state.raw<readonly Pen[]>();
  following = $state.raw<readonly Following[]>();
  claims = $state.raw<readonly OwnClaim[]>();
  readonly news = $derived((this.following ?? []).filter(({ edition, seenEdition }) => edition > seenEdition).length);

  /** Keeps it up to date; the function returned ends that. */
  watch(): () => void {
    void this.refresh();
    return node.onAddresses(() => void this.refresh());
  }

  async refresh(): Promise<void> {
    try {
      const [pens, following, claims] = await Promise.all([
        node.call('pens.list', null),
        node.call('pens.following', null),
        node.call('words.mine', null),
      ]);
      this.pens = pens;
      this.following = following;
      this.claims = claims;
    } catch {
      // The connection broke; it is asked again with the next one.
    }
  }
}

export const addressBook = new AddressBook();
