/** What the files of a draft tell about their author: asked for part by part, and what is to become of it. */
import { toBroadsideError } from '../../../shared/base/errors.ts';
import { METADATA_SEVERITY } from '../../../shared/base/metadata.ts';
import type { MetadataCode } from '../../../shared/base/metadata.ts';
import type { FileFindings } from '../../../shared/ipc/contract.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { errorWords } from '../../lib/error-words.ts';
import type { Source } from '../../lib/hand-over.ts';
import { t } from '../../lib/messages/translate.ts';

/** Files that tell something are listed up to so many; the rest is counted. */
const MAX_LISTED = 200;

export const isTelling = (code: MetadataCode): boolean => METADATA_SEVERITY[code] !== 'technical';
export const tellingCodes = ({ items }: FileFindings): MetadataCode[] => [
  ...new Set(items.map(({ what }) => what).filter(isTelling)),
];
/** What stays of it when the rest is removed. */
export const stayingCodes = ({ leaves }: FileFindings): MetadataCode[] => [...new Set(leaves.filter(isTelling))];

export class MetadataLook {
  state = $state<'looking' | 'done' | 'failed' | 'skipped'>('skipped');
  looked = $state(0);
  fileCount = $state(0);
  failure = $state('');
  /** The worst first. */
  telling = $state.raw<readonly FileFindings[]>([]);
  /** Files beyond those. */
  more = $state(0);
  /** On: copies are published, originals stay, and who wants the metadata published knows it. */
  strip = $state(true);
  acceptRemaining = $state(false);
  #source: Source | undefined;
  #run = 0;

  /** Files of which something can be taken. */
  readonly removable = $derived(
    this.telling.filter((file) => file.canStrip && tellingCodes(file).some((code) => !file.leaves.includes(code))),
  );
  /** Files of which something stays in any case. */
  readonly staying = $derived(this.telling.filter((file) => stayingCodes(file).length > 0));

  /** Why it cannot be published now. */
  get problem(): string | undefined {
    if (this.state === 'looking') return t('metadata.wait');
    if (this.stripping && this.needsConsent && !this.acceptRemaining) return t('metadata.decide');
    return undefined;
  }

  get stripping(): boolean {
    return this.state === 'done' && this.strip && (this.removable.length > 0 || this.more > 0);
  }

  get needsConsent(): boolean {
    return this.staying.length > 0 || this.more > 0;
  }

  /** What the node is asked for at publishing. */
  get wish(): { strip?: true; acceptRemaining?: true } {
    if (!this.stripping) return {};
    return { strip: true, ...(this.acceptRemaining && { acceptRemaining: true }) };
  }

  async look(source: Source): Promise<void> {
    this.stop();
    const run = this.#run;
    this.#source = source;
    this.state = 'looking';
    let telling: FileFindings[] = [];
    try {
      for (let from = 0; ;) {
        const page = await node.call('publish.metadata', { source, from });
        // Somebody chose something else: who does not ask again has cancelled.
        if (run !== this.#run) return;
        const found = page.findings.filter((file) => tellingCodes(file).length > 0);
        telling = [...telling, ...found];
        this.more += Math.max(0, telling.length - MAX_LISTED);
        telling = telling.slice(0, MAX_LISTED);
        this.looked = page.looked;
        this.fileCount = page.fileCount;
        if (page.done) break;
        from = page.looked;
      }
      this.telling = telling.toSorted((a, b) => rank(a) - rank(b));
      this.state = 'done';
    } catch (thrown) {
      if (run !== this.#run) return;
      this.failure = errorWords(toBroadsideError(thrown));
      this.state = 'failed';
    }
  }

  again(): void {
    if (this.#source !== undefined) void this.look(this.#source);
  }

  skip(): void {
    this.#run += 1;
    this.state = 'skipped';
  }

  /** As for a draft that has no files. */
  stop(): void {
    this.skip();
    this.#source = undefined;
    this.looked = 0;
    this.fileCount = 0;
    this.failure = '';
    this.telling = [];
    this.more = 0;
    this.strip = true;
    this.acceptRemaining = false;
  }
}

const rank = ({ severity }: FileFindings): number => ['identifies', 'hints', 'technical'].indexOf(severity);
