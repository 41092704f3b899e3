/** The icon in the tray and its menu, kept up to date. What it shows is decided in tray.ts. */
import { Menu, Tray, nativeImage } from 'electron';
import type { ContractSource } from '../headless/rpc-socket.ts';
import type { HostWords } from '../words/words.ts';
import { totalsOf } from './desk.ts';
import type { Job } from '../../../shared/ipc/model.ts';
import { trayBitmap, trayView } from './tray.ts';
import type { TrayAction, TrayFacts, TrayMark } from './tray.ts';

/** Points of a tray icon on all three systems; drawn for screens of twice as many pixels. */
const POINTS = 16;
const SCALE = 2;

export interface TrayIcon {
  close(): void;
}

/** Undefined where the system has no tray (some Linux desktops): whoever cannot come back must not be hidden. */
export function showTray(
  source: ContractSource,
  words: () => HostWords,
  act: (action: TrayAction) => void,
): TrayIcon | undefined {
  let facts: TrayFacts = { links: 0, running: 0, lock: 'locked' };
  const jobs = new Map<string, Job>();
  let tray: Tray;
  try {
    tray = new Tray(imageOf('offline'));
  } catch {
    return undefined;
  }
  const show = (change: Partial<TrayFacts>): void => {
    facts = { ...facts, ...change };
    if (tray.isDestroyed()) return;
    const view = trayView(facts, words());
    tray.setImage(imageOf(view.mark));
    tray.setToolTip(view.tooltip);
    tray.setContextMenu(
      Menu.buildFromTemplate(
        view.items.map((item) =>
          item === 'separator' ? { type: 'separator' } : { label: item.label, click: () => act(item.action) },
        ),
      ),
    );
  };
  const count = (): void => show({ running: totalsOf([...jobs.values()]).running });
  const stops = [
    source.on('status', ({ links }) => {
      if (links !== facts.links) show({ links });
    }),
    source.on('job', (job) => {
      jobs.set(job.id, job);
      count();
    }),
    source.on('jobGone', ({ job }) => {
      jobs.delete(job);
      count();
    }),
    source.on('lock', ({ state }) => {
      // Nothing of what runs is kept here while it is locked.
      if (state === 'locked' || state === 'changing') jobs.clear();
      show({ lock: state, running: totalsOf([...jobs.values()]).running });
    }),
    source.on('settings', () => show({})),
  ];
  tray.on('click', () => act('open'));
  void Promise.resolve(source.handlers['lock.get'](null)).then(({ state }) => show({ lock: state }));
  show({});
  return {
    close() {
      for (const stop of stops) stop();
      tray.destroy();
    },
  };
}

function imageOf(mark: TrayMark): Electron.NativeImage {
  const size = POINTS * SCALE;
  const image = nativeImage.createFromBitmap(Buffer.from(trayBitmap(mark, size)), {
    width: size,
    height: size,
    scaleFactor: SCALE,
  });
  // macOS draws it in the colour of its bar.
  image.setTemplateImage(true);
  return image;
}
