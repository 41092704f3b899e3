import { FAILURE_MS, MAX_FAILURES, MAX_FAILURES_OF_ADDRESS } from '../limits.ts';
import type { LinkId } from '../ports.ts';

/**
 * Which neighbours did not lead to an address lately, so that a repeated request goes another way (protocol, section 3;
 * Freenet's failure tables). An insert clears what is known of its address. At the bound the oldest leaves.
 */
export class Failures {
  /** By address in hexadecimal, in the order of the first failure. */
  readonly #byAddress = new Map<string, { readonly links: LinkId[]; untilMs: number }>();

  note(address: string, link: LinkId, nowMs: number): void {
    const known = this.#byAddress.get(address);
    if (known === undefined || known.untilMs <= nowMs) {
      this.#byAddress.delete(address);
      this.#byAddress.set(address, { links: [link], untilMs: nowMs + FAILURE_MS });
      if (this.#byAddress.size > MAX_FAILURES) this.#byAddress.delete(this.#byAddress.keys().next().value!);
      return;
    }
    known.untilMs = nowMs + FAILURE_MS;
    if (known.links.includes(link)) return;
    known.links.push(link);
    if (known.links.length > MAX_FAILURES_OF_ADDRESS) known.links.shift();
  }

  /** Tells for one address which links failed. */
  of(address: string, nowMs: number): (link: LinkId) => boolean {
    const known = this.#byAddress.get(address);
    if (known === undefined || known.untilMs <= nowMs) return NONE;
    return (link) => known.links.includes(link);
  }

  clear(address: string): void {
    this.#byAddress.delete(address);
  }

  get size(): number {
    return this.#byAddress.size;
  }
}

const NONE = (): boolean => false;
