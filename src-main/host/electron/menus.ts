/**
 * The menus of the application, as Electron takes them, made without it. On macOS they are the bar that every program has; elsewhere the
 * bar is hidden until Alt is pressed. What a menu does in the interface is a place of it.
 */
import type { DesktopWords } from './desktop-words.ts';

export interface MenuItem {
  readonly label?: string;
  readonly role?: string;
  readonly type?: 'separator';
  readonly accelerator?: string;
  readonly submenu?: MenuItem[];
  readonly click?: () => void;
}

export interface MenuActions {
  /** A hash of the interface. */
  readonly go: (place: string) => void;
  readonly lock: () => void;
  readonly quit: () => void;
}

export function applicationMenu(platform: string, words: DesktopWords, { go, lock, quit }: MenuActions): MenuItem[] {
  const isMac = platform === 'darwin';
  const settings: MenuItem = { label: words.settings, accelerator: 'CmdOrCtrl+,', click: () => go('#/settings') };
  const about: MenuItem = { label: words.help, click: () => go('#/about') };
  const separator: MenuItem = { type: 'separator' };
  // Ctrl Shift L is the page's own as well: whoever is first locks, and locking twice is locking.
  const file: MenuItem[] = [
    { label: words.publish, accelerator: 'CmdOrCtrl+N', click: () => go('#/publish') },
    separator,
    { label: words.lock, accelerator: 'CmdOrCtrl+Shift+L', click: lock },
    ...(isMac
      ? []
      : [separator, settings, about, separator, { label: words.quit, accelerator: 'CmdOrCtrl+Q', click: quit }]),
  ];
  const app: MenuItem = {
    label: 'Broadside',
    submenu: [
      about,
      separator,
      settings,
      separator,
      { role: 'hide' },
      { role: 'hideOthers' },
      { role: 'unhide' },
      separator,
      { label: words.quit, accelerator: 'Cmd+Q', click: quit },
    ],
  };
  return [...(isMac ? [app] : []), { label: words.file, submenu: file }, { role: 'editMenu' }, { role: 'windowMenu' }];
}
