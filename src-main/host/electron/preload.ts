/**
 * The bridge: a port for the contract, the path of a dropped file, and the place of the content. Nothing of Electron or
 * Node is handed to the page.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS } from './channels.ts';

contextBridge.exposeInMainWorld('broadside', {
  port: true,
  pathOf: (file: File): string => webUtils.getPathForFile(file),
  chooseFolder: async (): Promise<string | undefined> => {
    const path: unknown = await ipcRenderer.invoke(CHANNELS.chooseFolder);
    return typeof path === 'string' ? path : undefined;
  },
  /** Shows an address of content at a place of the window, in CSS pixels; again to move it. */
  showContent: (url: string, bounds: { x: number; y: number; width: number; height: number }): void =>
    ipcRenderer.send(CHANNELS.content, { url, bounds }),
  hideContent: (): void => ipcRenderer.send(CHANNELS.content, null),
  zoomContent: (factor: number): void => ipcRenderer.send(CHANNELS.zoomContent, factor),
  printContent: (): void => ipcRenderer.send(CHANNELS.printContent),
  openFile: async (job: string): Promise<boolean> => (await ipcRenderer.invoke(CHANNELS.openFile, job)) === true,
  showFile: async (job: string): Promise<boolean> => (await ipcRenderer.invoke(CHANNELS.showFile, job)) === true,
  dragFile: (job: string): void => ipcRenderer.send(CHANNELS.dragFile, job),
  notify: (title: string, body: string, place: string): void =>
    ipcRenderer.send(CHANNELS.notify, { title, body, place }),
  secretShown: (shown: boolean): void => ipcRenderer.send(CHANNELS.secretShown, shown),
  openOutside: (url: string): void => ipcRenderer.send(CHANNELS.openOutside, url),
});

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  const data = event.data as { broadside?: unknown } | null;
  if (event.source === window && data?.broadside === 'want-port') ipcRenderer.send(CHANNELS.wantPort);
});

ipcRenderer.on(CHANNELS.port, (event) => {
  window.postMessage({ broadside: 'port' }, window.location.origin, [...event.ports]);
});

ipcRenderer.on(CHANNELS.showPlace, (_event, place: unknown) => {
  if (typeof place === 'string' && place.startsWith('#/')) window.location.hash = place;
});

ipcRenderer.on(CHANNELS.showJob, (_event, job: unknown) => {
  if (typeof job === 'string') window.location.hash = `#/read/${encodeURIComponent(job)}`;
});
