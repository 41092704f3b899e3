/**
 * The menus of the application, as Electron takes them, made without it. On macOS they are the bar that every program has; elsewhere the
 * bar is hidden until Alt is pressed. What a menu does in the interface is a place of it.
 */
import type { HostWords } from '../words/words.ts';

export interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly type?: 'separator';
  readonly accelerator?: string;
  readonly submenu?: MenuItem[];
  readonly click?: () => void;
}

type EditRole = 'undo' | 'redo' | 'cut' | 'copy' | 'paste' | 'selectAll' | 'minimize' | 'zoom' | 'close';

export interface MenuActions {
  /** A hash of the interface. */
  readonly go: (place: string) => void;
  readonly lock: () => void;
  readonly quit: () => void;
}

export function applicationMenu(platform: string, words: HostWords, { go, lock, quit }: MenuActions): MenuItem[] {
  const isMac = platform === 'darwin';
  const settings: MenuItem = {
    label: words.t('desktop.settings'),
    accelerator: 'CmdOrCtrl+,',
    click: () => go('#/settings'),
  };
  const about: MenuItem = { label: words.t('desktop.about'), click: () => go('#/about') };
  const separator: MenuItem = { type: 'separator' };
  const ending: MenuItem = { label: words.t('desktop.quit'), click: quit };
  // What Electron does by itself, under names of ours: its own are English everywhere but on macOS.
  const named = (...roles: EditRole[]): MenuItem[] =>
    roles.map((role) => ({ role, label: words.t(`desktop.${role}`) }));
  // Ctrl Shift L is the page's own as well: whoever is first locks, and locking twice is locking.
  const file: MenuItem[] = [
    { label: words.t('desktop.publish'), accelerator: 'CmdOrCtrl+N', click: () => go('#/publish') },
    separator,
    { label: words.t('desktop.lock'), accelerator: 'CmdOrCtrl+Shift+L', click: lock },
    ...(isMac ? [] : [separator, settings, about, separator, { ...ending, accelerator: 'CmdOrCtrl+Q' }]),
  ];
  const app: MenuItem = {
    label: 'Broadside',
    submenu: [
      about,
      separator,
      settings,
      separator,
      { role: 'hide', label: words.t('desktop.hide') },
      { role: 'hideOthers', label: words.t('desktop.hideOthers') },
      { role: 'unhide', label: words.t('desktop.unhide') },
      separator,
      { ...ending, accelerator: 'Cmd+Q' },
    ],
  };
  const edit = [
    ...named('undo', 'redo'),
    separator,
    ...named('cut', 'copy', 'paste'),
    separator,
    ...named('selectAll'),
  ];
  const window = isMac ? named('minimize', 'zoom', 'close') : named('minimize', 'close');
  return [
    ...(isMac ? [app] : []),
    { label: words.t('desktop.file'), submenu: file },
    { label: words.t('desktop.edit'), submenu: edit },
    // The role has macOS put the list of windows there.
    { label: words.t('desktop.window'), ...(isMac && { role: 'windowMenu' }), submenu: window },
  ];
}
