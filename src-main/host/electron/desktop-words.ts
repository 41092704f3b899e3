/** The words of tray and menus, which the window's own catalogue does not reach. Without Electron, so that they can be tested. */
interface DesktopWords {
  readonly open: string;
  readonly publish: string;
  readonly lock: string;
  readonly unlock: string;
  readonly quit: string;
  readonly settings: string;
  readonly file: string;
  readonly help: string;
  readonly locked: string;
  readonly offline: string;
  readonly neighbours: (count: number) => string;
  readonly running: (count: number) => string;
}

const en: DesktopWords = {
  open: 'Open Broadside',
  publish: 'Publish…',
  lock: 'Lock the library',
  unlock: 'Unlock the library…',
  quit: 'Quit Broadside',
  settings: 'Settings…',
  file: 'File',
  help: 'About Broadside',
  locked: 'the library is locked',
  offline: 'no neighbours',
  neighbours: (count) => (count === 1 ? '1 neighbour' : `${count} neighbours`),
  running: (count) => `${count} running`,
};
const de: DesktopWords = {
  open: 'Broadside öffnen',
  publish: 'Veröffentlichen …',
  lock: 'Bibliothek sperren',
  unlock: 'Bibliothek entsperren …',
  quit: 'Broadside beenden',
  settings: 'Einstellungen …',
  file: 'Datei',
  help: 'Über Broadside',
  locked: 'die Bibliothek ist gesperrt',
  offline: 'keine Nachbarn',
  neighbours: (count) => (count === 1 ? '1 Nachbar' : `${count} Nachbarn`),
  running: (count) => `${count} laufen`,
};
const ar: DesktopWords = {
  open: 'فتح Broadside',
  publish: 'نشر…',
  lock: 'قفل المكتبة',
  unlock: 'فتح قفل المكتبة…',
  quit: 'إنهاء Broadside',
  settings: 'الإعدادات…',
  file: 'ملف',
  help: 'عن Broadside',
  locked: 'المكتبة مقفلة',
  offline: 'لا جيران',
  neighbours: (count) => `الجيران: ${count}`,
  running: (count) => `الأعمال الجارية: ${count}`,
};

/** `chosen`: the setting; `system`: what the computer speaks, as in "de-AT". */
export function desktopWords(chosen: string, system: string): DesktopWords {
  const language = chosen === 'system' ? system.split('-')[0] : chosen;
  return language === 'de' ? de : language === 'ar' ? ar : en;
}
export type { DesktopWords };
