/**
 * What the tray shows: a mark, a line, and a menu, decided without Electron. tray-icon.ts puts it there. No title and no link ever stands in it,
 * for whoever passes by can read it.
 */
import type { Lock } from '../../../shared/ipc/lock-calls.ts';
import type { HostWords } from '../words/words.ts';

export type TrayMark = 'online' | 'offline' | 'busy' | 'locked';
export type TrayAction = 'open' | 'publish' | 'lock' | 'quit';

export interface TrayFacts {
  readonly links: number;
  readonly running: number;
  readonly lock: Lock['state'];
}

export interface TrayView {
  readonly mark: TrayMark;
  readonly tooltip: string;
  readonly items: readonly ({ readonly action: TrayAction; readonly label: string } | 'separator')[];
}

export function trayView({ links, running, lock }: TrayFacts, words: HostWords): TrayView {
  const isLocked = lock === 'locked' || lock === 'changing';
  const mark = isLocked ? 'locked' : links === 0 ? 'offline' : running > 0 ? 'busy' : 'online';
  const parts = [
    links === 0 ? words.t('desktop.offline') : words.t('desktop.neighbours', { count: links }),
    ...(running > 0 && !isLocked ? [words.t('desktop.running', { count: running })] : []),
    ...(isLocked ? [words.t('desktop.locked')] : []),
  ];
  const told = parts.reduce((first, second) => words.t('desktop.list', { first, second }));
  return {
    mark,
    tooltip: `Broadside: ${told}`,
    items: [
      { action: 'open', label: words.t(isLocked ? 'desktop.unlock' : 'desktop.open') },
      ...(isLocked ? [] : [{ action: 'publish', label: words.t('desktop.publish') } as const]),
      ...(lock === 'open' ? [{ action: 'lock', label: words.t('desktop.lock') } as const] : []),
      'separator',
      { action: 'quit', label: words.t('desktop.quit') },
    ],
  };
}

/**
 * The mark as pixels, 4 bytes each (blue, green, red, opacity): a disc for a node that is online, a ring for one that is not, a ring with a
 * disc in it while something runs, a square when the library is locked. Told apart by form, not by colour alone. Middle grey
 * stands off from a light bar and from a dark one.
 */
export function trayBitmap(mark: TrayMark, sizePixels: number): Uint8Array {
  const GREY = 0x8c;
  const middle = (sizePixels - 1) / 2;
  const radius = sizePixels * 0.42;
  const line = Math.max(1.5, sizePixels / 9);
  const pixels = new Uint8Array(sizePixels * sizePixels * 4);
  for (let y = 0; y < sizePixels; y += 1) {
    for (let x = 0; x < sizePixels; x += 1) {
      const [across, down] = [Math.abs(x - middle), Math.abs(y - middle)];
      const distance = Math.hypot(across, down);
      const isDisc = distance <= radius;
      const isRing = isDisc && distance >= radius - line;
      const isDrawn =
        mark === 'locked'
          ? Math.max(across, down) <= radius * 0.8
          : mark === 'online'
            ? isDisc
            : isRing || (mark === 'busy' && distance <= radius * 0.4);
      if (isDrawn) pixels.set([GREY, GREY, GREY, 0xff], (y * sizePixels + x) * 4);
    }
  }
  return pixels;
}

/** Whether a window that is being closed goes to the tray instead. */
export function staysInTray(state: {
  readonly isQuitting: boolean;
  readonly hasTray: boolean;
  readonly byChoice: boolean;
}): boolean {
  return state.byChoice && state.hasTray && !state.isQuitting;
}
