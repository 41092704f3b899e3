/**
 * What is to be published tells about its author: looks into each file, and makes stripped copies of those that somebody wants
 * stripped. Originals are never written to. What was stripped is looked at again, and what is not as was promised stops the
 * publication before anything is sent.
 */
import { join } from 'node:path';
import { METADATA_SEVERITY, severityOf, tells, worstFirst } from '../../../shared/base/metadata.ts';
import type { MetadataCode, MetadataFindings } from '../../../shared/base/metadata.ts';
import { BroadsideError } from '../../../shared/base/errors.ts';
import type { FileFindings, MetadataPage } from '../../../shared/ipc/contract.ts';
import type { Clock } from '../jobs/clock.ts';
import type { Source, Sources } from '../publish/source.ts';
import type { SurveyedFile, SurveyResult } from '../survey/survey.ts';
import { namesUser } from './user-name.ts';

/** Looks into files and strips them, off this thread (workers/metadata). */
export interface MetadataTools {
  /** What cannot be looked into is told as such. */
  look(file: { readonly absolutePath: string; readonly type: string }): Promise<MetadataFindings>;
  /** Writes the stripped file to `to`; rejects when it cannot, and then nothing may be taken for stripped. */
  strip(
    file: { readonly absolutePath: string; readonly type: string },
    to: string,
  ): Promise<{ readonly sizeBytes: number }>;
}

/** Answers come at least so often, so that it is seen how far the looking is. A guess. */
const PAGE_MS = 500;
/** Files of one answer. */
const PAGE_FILES = 200;
/** Surveys kept while somebody asks for the next page of them: as many as there are windows, as a rule. */
const MAX_KEPT_SURVEYS = 4;
/** Files named in a refusal; the rest is counted. */
const MAX_NAMED = 3;

export interface MetadataDeps {
  readonly clock: Clock;
  readonly tools: MetadataTools;
  readonly sources: Pick<Sources, 'survey'>;
  /** Who is logged in on this machine, to be found in the names of files; empty when it is not known. */
  readonly userName: string;
}

/** What is asked for at publishing. */
export interface StripWish {
  /** All files, or those of these paths. */
  readonly strip: true | readonly string[];
  /** The person knows what stays (`leaves`) and wants to publish all the same. */
  readonly acceptRemaining: boolean;
}

export class MetadataCare {
  readonly #deps: MetadataDeps;
  readonly #surveys = new Map<string, Promise<SurveyResult>>();

  constructor(deps: MetadataDeps) {
    this.#deps = deps;
  }

  /** From file number `from` on, as far as half a second goes. Throws as a survey does. */
  async page(source: Source, from: number): Promise<MetadataPage> {
    const { files } = await this.#survey(source, from === 0);
    const startMs = this.#deps.clock.monotonicMs();
    const findings: FileFindings[] = [];
    let next = from;
    while (next < files.length && next - from < PAGE_FILES) {
      const found = await this.lookAt(files[next]!);
      if (found.items.length > 0) findings.push(found);
      next += 1;
      if (this.#deps.clock.monotonicMs() - startMs >= PAGE_MS) break;
    }
    const done = next >= files.length;
    if (done) this.#surveys.delete(JSON.stringify(source));
    return { fileCount: files.length, looked: Math.min(next, files.length), done, findings };
  }

  async lookAt(file: SurveyedFile): Promise<FileFindings> {
    const { kind, items, more, canStrip, reason, leaves } = await this.#deps.tools.look(file);
    const named = namesUser(file.path, this.#deps.userName);
    const all = worstFirst([
      ...items,
      ...(named ? [{ what: 'file-name' as const, value: file.path.slice(-200) }] : []),
    ]);
    return {
      path: file.path,
      kind,
      items: all,
      more,
      severity: severityOf(all),
      canStrip,
      ...(reason !== undefined && { reason }),
      leaves: [...leaves, ...(named ? ['file-name' as const] : [])],
    };
  }

  /**
   * The survey with stripped copies, made in `directory`, in the place of the files that told something. Throws `refused`, naming them, when something stays that was not accepted, or that should have gone.
   */
  async stripped(
    surveyed: SurveyResult,
    wish: StripWish,
    directory: string,
    signal: AbortSignal,
  ): Promise<SurveyResult> {
    const wanted = wish.strip === true ? undefined : new Set(wish.strip);
    const unknown = [...(wanted ?? [])].find((path) => !surveyed.files.some((file) => file.path === path));
    if (unknown !== undefined) {
      throw new BroadsideError('usage', `There is no file ${unknown} to strip in what is to be published.`);
    }
    const files: SurveyedFile[] = [];
    const staying: string[] = [];
    let count = 0;
    for (const file of surveyed.files) {
      signal.throwIfAborted();
      if (wanted !== undefined && !wanted.has(file.path)) {
        files.push(file);
        continue;
      }
      const before = await this.lookAt(file);
      let result = file;
      let remaining: readonly MetadataCode[] = tellingCodes(before);
      if (before.canStrip && before.items.some(({ what }) => !before.leaves.includes(what))) {
        result = await this.#strip(file, join(directory, String(count)));
        count += 1;
        remaining = tellingCodes(await this.lookAt(result));
        const broken = remaining.filter((code) => !before.leaves.includes(code));
        if (broken.length > 0) throw refused([describe(file.path, broken)], 'was to be removed and is still there');
      }
      if (remaining.length > 0) staying.push(describe(file.path, remaining));
      files.push(result);
    }
    if (staying.length > 0 && !wish.acceptRemaining) throw refused(staying, 'cannot be removed');
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return { ...surveyed, files, sizeBytes };
  }

  async #strip(file: SurveyedFile, to: string): Promise<SurveyedFile> {
    try {
      const { sizeBytes } = await this.#deps.tools.strip(file, to);
      return { ...file, absolutePath: to, sizeBytes };
    } catch (thrown) {
      if (thrown instanceof BroadsideError) throw thrown;
      throw new BroadsideError(
        'refused',
        `Nothing was published: what ${file.path} tells about its author could not be removed. Leave the file out, clean it yourself, or publish it as it is.`,
        { cause: thrown },
      );
    }
  }

  #survey(source: Source, anew: boolean): Promise<SurveyResult> {
    const key = JSON.stringify(source);
    const kept = anew ? undefined : this.#surveys.get(key);
    if (kept !== undefined) return kept;
    const surveying = this.#deps.sources.survey(source);
    this.#surveys.delete(key);
    this.#surveys.set(key, surveying);
    const oldest = this.#surveys.keys().next().value;
    if (this.#surveys.size > MAX_KEPT_SURVEYS && oldest !== undefined) this.#surveys.delete(oldest);
    surveying.catch(() => this.#surveys.delete(key));
    return surveying;
  }
}

function tellingCodes({ items }: Pick<FileFindings, 'items'>): MetadataCode[] {
  return [...new Set(items.filter(tells).map(({ what }) => what))].toSorted(
    (a, b) => Number(METADATA_SEVERITY[a] !== 'identifies') - Number(METADATA_SEVERITY[b] !== 'identifies'),
  );
}

const describe = (path: string, codes: readonly MetadataCode[]): string => `${path} (${codes.join(', ')})`;

function refused(files: readonly string[], what: string): BroadsideError {
  const named = files.slice(0, MAX_NAMED).join(', ');
  const more = files.length > MAX_NAMED ? ` and ${files.length - MAX_NAMED} more` : '';
  return new BroadsideError(
    'refused',
    `Nothing was published, because of what ${what}: ${named}${more}. Leave these files out, clean them yourself, or say that they are to be published all the same.`,
  );
}
