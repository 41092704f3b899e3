/** Open publications by the labels of their two origins: one for the content, one for our viewer of its PDFs. */
import { encodeBase32 } from '../../shared/base/base32.ts';
import type { Crypto } from '../core/ports.ts';
import { LABEL_LETTERS, MAX_OPEN } from '../services/read/open-registry.ts';
import type { OpenPublication, OpenRegistry } from '../services/read/open-registry.ts';
import type { PlayOrigins } from '../services/transfers/playing.ts';
import type { ServedFile, ServedPlay, ServedPublication } from './content/answer.ts';

export interface PublicationOrigin {
  readonly kind: 'content' | 'viewer';
  readonly publication: ServedPublication;
  /** Label of the viewer's origin of the same publication. */
  readonly viewerLabel: string;
}
export interface PlayerOrigin {
  readonly kind: 'player';
  readonly play: ServedPlay;
}
export type OpenOrigin = PublicationOrigin | PlayerOrigin;

/** Previews that are kept; somebody looks at one at a time. The oldest leaves. */
const MAX_PREVIEWS = 4;

export class OpenOrigins {
  readonly #registry: OpenRegistry;
  readonly #crypto: Crypto;
  readonly #secret: Uint8Array;
  /** Label of a viewer to label of the content; as many as can be open. */
  readonly #viewers = new Map<string, string>();
  readonly #previews = new Map<string, ServedPublication>();
  /** By label; as many as there are languages. */
  readonly #help = new Map<string, ServedPublication>();
  /** By label; who adds them bounds and removes them (services/transfers/playing.ts). */
  readonly #plays = new Map<string, ServedPlay>();
  readonly #served = new WeakMap<OpenPublication, ServedPublication>();

  /** `secret`: the installation's, so that nobody can tell a link from a label or one label from the other. */
  constructor(registry: OpenRegistry, crypto: Crypto, secret: Uint8Array) {
    this.#registry = registry;
    this.#crypto = crypto;
    this.#secret = secret;
  }

  /** The viewer's label for an open publication; known to `find` from then on. */
  viewerLabel(contentLabel: string): string {
    const label = encodeBase32(this.#crypto.hash('viewer', this.#secret, new TextEncoder().encode(contentLabel))).slice(
      0,
      LABEL_LETTERS,
    );
    this.#viewers.delete(label);
    this.#viewers.set(label, contentLabel);
    if (this.#viewers.size > MAX_OPEN) this.#viewers.delete(this.#viewers.keys().next().value!);
    return label;
  }

  /** Opens what is not published, under `seed`: 32 random bytes. Returns its label. */
  addPreview(publication: ServedPublication, seed: Uint8Array): string {
    const label = encodeBase32(this.#crypto.hash('preview', this.#secret, seed)).slice(0, LABEL_LETTERS);
    this.#previews.set(label, publication);
    for (const oldest of this.#previews.keys()) {
      if (this.#previews.size <= MAX_PREVIEWS) break;
      this.#previews.delete(oldest);
    }
    return label;
  }

  /** Opens the help that ships with the program, under the same label each time. */
  addHelp(language: string, publication: ServedPublication): string {
    const label = encodeBase32(this.#crypto.hash('help', this.#secret, new TextEncoder().encode(language))).slice(
      0,
      LABEL_LETTERS,
    );
    this.#help.set(label, publication);
    return label;
  }

  /** Where files are played: each under its id, which nobody can guess. `urlOf`: absent where nothing shows content. */
  players(urlOf: ((label: string) => string) | undefined): PlayOrigins {
    return {
      open: (id, play) => {
        if (urlOf === undefined) return undefined;
        const label = this.#playLabel(id);
        this.#plays.set(label, play);
        return urlOf(label);
      },
      close: (id) => void this.#plays.delete(this.#playLabel(id)),
    };
  }

  /** Forgets all that is open, previews and players too. */
  clear(): void {
    this.#registry.clear();
    this.#viewers.clear();
    this.#previews.clear();
    this.#plays.clear();
  }

  /** Undefined: nothing is open under this label. */
  find(label: string): OpenOrigin | undefined {
    const play = this.#plays.get(label);
    if (play !== undefined) return { kind: 'player', play };
    const contentLabel = this.#viewers.get(label);
    const publication =
      this.#help.get(contentLabel ?? label) ??
      this.#previews.get(contentLabel ?? label) ??
      this.#published(contentLabel ?? label);
    if (publication === undefined) return undefined;
    return {
      kind: contentLabel === undefined ? 'content' : 'viewer',
      publication,
      viewerLabel: contentLabel === undefined ? this.viewerLabel(label) : label,
    };
  }

  #playLabel(id: string): string {
    return encodeBase32(this.#crypto.hash('player', this.#secret, new TextEncoder().encode(id))).slice(
      0,
      LABEL_LETTERS,
    );
  }

  #published(label: string): ServedPublication | undefined {
    const opened = this.#registry.resolve(label);
    if (opened === undefined) return undefined;
    let publication = this.#served.get(opened);
    if (publication === undefined) {
      publication = served(opened);
      this.#served.set(opened, publication);
    }
    return publication;
  }
}

function served(opened: OpenPublication): ServedPublication {
  const { title, shape, index } = opened.publication;
  const files = opened.files.map(({ path, type, sizeBytes, digest }): ServedFile => ({
    path,
    type,
    sizeBytes,
    contentHash: digest,
  }));
  const byPath = new Map(files.map((file) => [file.path, file]));
  return {
    title,
    shape,
    ...(index !== undefined && { index }),
    files,
    file: (path) => byPath.get(path),
    read(path, start, end, signal) {
      const file = opened.file(path);
      if (file === undefined) throw new RangeError(`no file ${path}`);
      // The whole at once is checked against its digest too, beyond what each piece proves.
      const whole = start === 0 && end === file.sizeBytes;
      return opened.read(file, whole ? undefined : { start, end }, signal);
    },
  };
}
