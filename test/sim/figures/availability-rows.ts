/** Rows of Publius: can it be read after so many nodes failed. */
import { metIf, metric, percent } from './row.ts';
import type { Metrics, Row } from './row.ts';

const read = (metrics: Metrics): string =>
  `read ${percent(metric(metrics, 'readable'), 2)} of publications, ${percent(metric(metrics, 'readableFile'), 0)} of files of 10 MiB; of the shares ${percent(metric(metrics, 'shareFound'))} found where ${percent(metric(metrics, 'sharePresent'))} have an honest copy left`;

/** What is read when more than `above` fail, where that was measured; the binomial in brackets. */
function farther(metrics: Metrics, above: number): string {
  const readable = (metrics['readableAt'] ?? {}) as Record<string, number>;
  const binomial = (metrics['binomialAt'] ?? {}) as Record<string, number>;
  return Object.keys(readable)
    .filter((fraction) => Number(fraction) > above)
    .sort()
    .map(
      (fraction) =>
        `; at ${percent(Number(fraction), 0)} ${percent(readable[fraction]!)} (${percent(binomial[fraction]!)})`,
    )
    .join('');
}

export const AVAILABILITY_ROWS: readonly Row[] = [
  {
    figure: 'Availability, 3 of 10, half of the nodes gone at once, no repair',
    published: 'readable while k of n answer (Publius: Waldman, Rubin, Cranor 2000); binomial over p = 1 - f^4',
    target: '>= 99 %, within 1 % of the binomial',
    measured: (metrics) =>
      `${percent(metric(metrics, 'readable'), 2)}; binomial ${percent(metric(metrics, 'binomial'), 2)}, +- ${percent(metric(metrics, 'standardError'), 2)}; by placement ${percent(metric(metrics, 'placement'), 2)}${farther(metrics, 0.5)}`,
    verdict: (metrics) =>
      metIf(
        metric(metrics, 'readable') >= 0.99 &&
          Math.abs(metric(metrics, 'readable') - metric(metrics, 'binomial')) <= 0.01,
      ),
    apart: 'Publius has one server a share; here each share has four copies, so p is 1 - f^4 where theirs is 1 - f.',
  },
  {
    figure: 'Availability, blocks of a file of 10 MiB, half of the nodes gone',
    published: '',
    target: 'within 1 % of the binomial',
    measured: (metrics) =>
      `read ${percent(metric(metrics, 'readableFile'), 1)}; binomial ${percent(metric(metrics, 'binomialFile'), 1)}; by placement ${percent(metric(metrics, 'placementFile'), 1)}; blocks found ${percent(metric(metrics, 'blockFound'))} where ${percent(metric(metrics, 'shareBinomial'))} are expected`,
    verdict: (metrics) => metIf(Math.abs(metric(metrics, 'readableFile') - metric(metrics, 'binomialFile')) <= 0.01),
    apart: 'few files, but 480 blocks each; the manifest and the list of blocks are left out.',
  },
  {
    figure: 'The same by where the copies are, 10 ... 80 % gone: largest distance from the binomial',
    published: '',
    target: '<= 1 %',
    measured: (metrics) =>
      `shares ${percent(metric(metrics, 'worstPlacementGap'), 2)}, files ${percent(metric(metrics, 'worstPlacementFileGap'), 2)}`,
    verdict: (metrics) =>
      metIf(metric(metrics, 'worstPlacementGap') <= 0.01 && metric(metrics, 'worstPlacementFileGap') <= 0.01),
    apart:
      'over 300 draws of who fails, without messages; blocks that lie near each other fail together, which the binomial does not know.',
  },
];

export const DENYING_ROWS: readonly Row[] = [
  {
    figure: 'Availability with 10 % of the nodes answering "not found" to everything',
    published: '',
    target: '',
    measured: (metrics) => `${read(metrics)}${farther(metrics, 0.1)}`,
    apart: 'the binomial is for nodes that are gone; a liar on the way also hides what honest nodes hold.',
  },
];

export const SILENT_ROWS: readonly Row[] = [
  {
    figure: 'Availability with 30 % of the nodes swallowing everything',
    published: '',
    target: '',
    measured: read,
    apart: 'as above.',
  },
];
