/** Tray, menus, the window's place, starting with the computer: what is decided without Electron. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { hostWords } from '../../../src-main/host/words/words.ts';
import { autostartEntry, autostartPath, setAutostart } from '../../../src-main/host/electron/login.ts';
import { applicationMenu } from '../../../src-main/host/electron/menus.ts';
import type { MenuItem } from '../../../src-main/host/electron/menus.ts';
import { staysInTray, trayBitmap, trayView } from '../../../src-main/host/electron/tray.ts';
import type { TrayMark } from '../../../src-main/host/electron/tray.ts';
import { readWindowState, writeWindowState } from '../../../src-main/host/electron/window-state.ts';

const words = hostWords('en', 'de');
const actions = (view: ReturnType<typeof trayView>): string[] =>
  view.items.map((item) => (item === 'separator' ? '-' : item.action));

describe('the tray', () => {
  it('says how the node is, and offers to lock only what can be locked', () => {
    const facts = { links: 12, running: 0, lock: 'none' } as const;
    assert.deepEqual(trayView(facts, words).tooltip, 'Broadside: 12 neighbours');
    assert.deepEqual(actions(trayView(facts, words)), ['open', 'publish', '-', 'quit']);
    assert.deepEqual(actions(trayView({ ...facts, lock: 'open' }, words)), ['open', 'publish', 'lock', '-', 'quit']);
    const busy = trayView({ ...facts, running: 3 }, words);
    assert.deepEqual([busy.mark, busy.tooltip], ['busy', 'Broadside: 12 neighbours, 3 running']);
    assert.equal(trayView({ ...facts, links: 0 }, words).mark, 'offline');
  });

  it('tells nothing of the library while it is locked', () => {
    const locked = trayView({ links: 1, running: 3, lock: 'locked' }, words);
    assert.deepEqual([locked.mark, locked.tooltip], ['locked', 'Broadside: 1 neighbour, the library is locked']);
    assert.deepEqual(actions(locked), ['open', '-', 'quit']);
  });

  it('counts and lists as each language does', () => {
    const told = (language: string, links: number, running: number): string =>
      trayView({ links, running, lock: 'open' }, hostWords(language)).tooltip;
    assert.equal(told('de', 1, 3), 'Broadside: 1 Nachbar, 3 Arbeiten laufen');
    assert.equal(told('ar', 2, 0), 'Broadside: عقدتان مجاورتان');
    assert.match(told('ar', 12, 3), /١٢ عقدة مجاورة.*، .*٣ أعمال جارية/);
  });

  it('has a mark of another form for each state, whatever its size', () => {
    for (const size of [16, 32]) {
      const marks = (['online', 'offline', 'busy', 'locked'] as TrayMark[]).map((mark) => trayBitmap(mark, size));
      for (const pixels of marks) assert.equal(pixels.length, size * size * 4);
      const forms = new Set(marks.map((pixels) => pixels.filter((_, index) => index % 4 === 3).join('')));
      assert.equal(forms.size, 4);
    }
    assert.equal(trayBitmap('offline', 32)[(16 * 32 + 16) * 4 + 3], 0, 'a ring is empty');
    assert.equal(trayBitmap('online', 32)[(16 * 32 + 16) * 4 + 3], 255, 'a disc is not');
  });

  it('keeps a window that is closed, by choice, and never where nobody could bring it back or when it ends', () => {
    const state = { isQuitting: false, hasTray: true, byChoice: true };
    assert.equal(staysInTray(state), true);
    for (const change of [{ isQuitting: true }, { hasTray: false }, { byChoice: false }])
      assert.equal(staysInTray({ ...state, ...change }), false);
  });
});

describe('the menus', () => {
  const flat = (items: readonly MenuItem[]): MenuItem[] => items.flatMap((item) => [item, ...flat(item.submenu ?? [])]);

  it('lead to places of the interface, lock, and end the program, with keys that no other has', () => {
    for (const platform of ['darwin', 'linux', 'win32']) {
      const done: string[] = [];
      const menu = applicationMenu(platform, words, {
        go: (place) => done.push(place),
        lock: () => done.push('lock'),
        quit: () => done.push('quit'),
      });
      for (const { click } of flat(menu)) click?.();
      assert.deepEqual(done.toSorted(), ['#/about', '#/publish', '#/settings', 'lock', 'quit'], platform);
      const keys = flat(menu).flatMap(({ accelerator }) => accelerator ?? []);
      assert.equal(new Set(keys).size, keys.length);
      assert.equal(menu[0]?.label, platform === 'darwin' ? 'Broadside' : 'File');
    }
  });

  it('speak one language, what Electron does by itself included', () => {
    for (const platform of ['darwin', 'linux']) {
      const labels = (language: string): string[] => {
        const none = { go: () => undefined, lock: () => undefined, quit: () => undefined };
        return flat(applicationMenu(platform, hostWords(language), none)).map(({ label, type }) => type ?? label ?? '');
      };
      const [english, german, arabic] = ['en', 'de', 'ar'].map(labels);
      for (const [index, label] of english!.entries()) {
        if (label === 'separator' || label === 'Broadside') continue;
        assert.notEqual(label, '', 'a role without a name of ours');
        assert.notEqual(german![index], label);
        assert.match(arabic![index]!, /[\u0600-\u06ff]/);
      }
    }
  });
});

describe('the place of the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 };
  const bounds = { x: 100, y: 50, width: 1280, height: 800 };

  it('is kept', () => {
    assert.deepEqual(readWindowState(writeWindowState(bounds, true), [screen]), { bounds, isMaximised: true });
  });

  it('is the system’s to choose where its screen is gone, or what was kept is none', () => {
    const away = writeWindowState({ ...bounds, x: 2500 }, false);
    assert.equal(readWindowState(away, [screen]).bounds, undefined);
    assert.deepEqual(readWindowState(away, [screen, { ...screen, x: 1920 }]).bounds?.x, 2500);
    for (const text of [undefined, '', '{', 'null', '{"x":"1"}', '{"x":1e99,"y":0,"width":1,"height":1}'])
      assert.deepEqual(readWindowState(text, [screen]), { bounds: undefined, isMaximised: false }, String(text));
    assert.equal(readWindowState(writeWindowState({ ...bounds, y: -400 }, false), [screen]).bounds, undefined);
  });

  it('is no larger than the screen and no smaller than the interface', () => {
    const large = readWindowState(writeWindowState({ ...bounds, width: 9000, height: 10 }, false), [screen]).bounds;
    assert.deepEqual([large?.width, large?.height], [1920, 480]);
  });
});

describe('starting with the computer', () => {
  it('is an entry of the desktop that is there or not, and nothing in a path ends its quotes', () => {
    const home = mkdtempSync(join(tmpdir(), 'broadside-login-'));
    try {
      const path = autostartPath({}, home);
      assert.equal(path, join(home, '.config/autostart/broadside.desktop'));
      assert.equal(autostartPath({ XDG_CONFIG_HOME: '/etc/own' }, home), '/etc/own/autostart/broadside.desktop');
      assert.equal(autostartPath({ XDG_CONFIG_HOME: 'relative' }, home), path);
      setAutostart(path, '/opt/Broadside/broadside');
      assert.match(readFileSync(path, 'utf8'), /^Exec="\/opt\/Broadside\/broadside" --hidden$/m);
      setAutostart(path, undefined);
      setAutostart(path, undefined);
      assert.equal(existsSync(path), false);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
    assert.match(autostartEntry('/a "b" $c 100%'), /^Exec="\/a \\\\"b\\\\" \\\\\$c 100%%" --hidden$/m);
  });
});
