/** What the desktop does for the window: badge and bar of what runs, notifications, and the files of downloads. Decisions: desk.ts. */
import { Notification, app, ipcMain, nativeImage, shell } from 'electron';
import type { BrowserWindow, IpcMainEvent } from 'electron';
import type { Job } from '../../../shared/ipc/model.ts';
import type { ContractSource } from '../headless/rpc-socket.ts';
import { CHANNELS } from './channels.ts';
import { finishedPath, readNotice, totalsOf } from './desk.ts';
import { trayBitmap } from './tray.ts';
import { raise } from './window.ts';

const DRAG_PIXELS = 32;
/** Electron's value for no bar (BrowserWindow.setProgressBar). */
const NO_BAR = -1;

/** `isOurs`: whether an event is of the interface's own page. The function returned ends it. */
export function serveDesk(
  window: BrowserWindow,
  source: ContractSource,
  isOurs: (event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>) => boolean,
): () => void {
  const jobs = new Map<string, Job>();
  const show = (): void => {
    const { running, done } = totalsOf([...jobs.values()]);
    // Nothing on systems that have no badge.
    app.setBadgeCount(running);
    if (!window.isDestroyed()) window.setProgressBar(done ?? NO_BAR);
  };
  const stops = [
    source.on('job', (job) => {
      jobs.set(job.id, job);
      show();
    }),
    source.on('jobGone', ({ job }) => {
      jobs.delete(job);
      show();
    }),
    source.on('lock', () => {
      // Titles and paths go with the library.
      jobs.clear();
      void look();
    }),
  ];
  /** Those of before the window was there; none while the library is locked. */
  const look = async (): Promise<void> => {
    try {
      for (const job of await source.handlers['jobs.list'](null)) if (!jobs.has(job.id)) jobs.set(job.id, job);
    } catch {
      // They come with its being unlocked.
    }
    show();
  };
  void look();
  const pathOf = (job: unknown, why: 'open' | 'show'): string | undefined =>
    typeof job === 'string' ? finishedPath(jobs.get(job), why) : undefined;
  ipcMain.handle(CHANNELS.openFile, async (event, job: unknown) => {
    const path = isOurs(event) ? pathOf(job, 'open') : undefined;
    // It answers what went wrong.
    return path !== undefined && (await shell.openPath(path)) === '';
  });
  ipcMain.handle(CHANNELS.showFile, (event, job: unknown) => {
    const path = isOurs(event) ? pathOf(job, 'show') : undefined;
    if (path !== undefined) shell.showItemInFolder(path);
    return path !== undefined;
  });
  ipcMain.on(CHANNELS.dragFile, (event, job: unknown) => {
    // Whoever drags it puts it there by hand, as from its folder.
    const path = isOurs(event) ? pathOf(job, 'show') : undefined;
    if (path !== undefined) event.sender.startDrag({ file: path, icon: dragIcon() });
  });
  ipcMain.on(CHANNELS.notify, (event, value: unknown) => {
    const notice = isOurs(event) ? readNotice(value) : undefined;
    if (notice === undefined || !Notification.isSupported()) return;
    const shown = new Notification({ title: notice.title, body: notice.body });
    shown.on('click', () => {
      if (window.isDestroyed()) return;
      raise(window);
      window.webContents.send(CHANNELS.showPlace, notice.place);
    });
    shown.show();
  });
  return () => {
    for (const stop of stops) stop();
    ipcMain.removeHandler(CHANNELS.openFile);
    ipcMain.removeHandler(CHANNELS.showFile);
    ipcMain.removeAllListeners(CHANNELS.notify);
    ipcMain.removeAllListeners(CHANNELS.dragFile);
  };
}

/** Under the pointer while a file is dragged; macOS wants one that is not empty. */
function dragIcon(): Electron.NativeImage {
  const pixels = Buffer.from(trayBitmap('online', DRAG_PIXELS));
  return nativeImage.createFromBitmap(pixels, { width: DRAG_PIXELS, height: DRAG_PIXELS });
}
