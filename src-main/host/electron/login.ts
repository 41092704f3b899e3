/** Starting when the person logs in: what is written where. Without Electron. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Started by the system and not by a person: in the tray, without a window. */
export const HIDDEN_FLAG = '--hidden';

/** XDG autostart (desktop application autostart specification); Electron does it by itself on macOS and Windows. */
export function autostartPath(environment: NodeJS.ProcessEnv, home: string): string {
  const base = environment['XDG_CONFIG_HOME'];
  return join(base?.startsWith('/') ? base : join(home, '.config'), 'autostart', 'broadside.desktop');
}

/** `program`: for an AppImage the file that was started, and not where it is mounted. */
export function autostartEntry(program: string): string {
  // The specification's quoting: these four are escaped, and the string's own rules double each backslash.
  const quoted = program
    .replace(/(["`$\\])/g, '\\$1')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Broadside',
    `Exec="${quoted}" ${HIDDEN_FLAG}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Linux: there, or not there. */
export function setAutostart(path: string, program: string | undefined): void {
  if (program === undefined) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, autostartEntry(program), { mode: 0o644 });
}
