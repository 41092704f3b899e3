/** Every setting, once: its name on the command line, its kind, bounds and default. Units are in the names. */
import { parseSchedule } from '../base/schedules.ts';
import { GB, KIB, MB } from '../base/units.ts';

interface NumberSetting {
  readonly kind: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** Bytes a second: no limit, or one that lets something pass. */
  readonly isRate?: true;
  readonly about: string;
}
interface BooleanSetting {
  readonly kind: 'boolean';
  readonly default: boolean;
  readonly about: string;
}
interface ChoiceSetting {
  readonly kind: 'choice';
  readonly default: string;
  readonly choices: readonly string[];
  readonly about: string;
}
interface TextSetting {
  readonly kind: 'text';
  readonly default: string;
  readonly maxLength: number;
  readonly pattern: RegExp;
  /** Whether a text that fits the pattern says something; absent: it does. */
  readonly isValue?: (text: string) => boolean;
  readonly about: string;
}
export type Setting = NumberSetting | BooleanSetting | ChoiceSetting | TextSetting;

export const SETTINGS = {
  'quota-bytes': {
    kind: 'number',
    default: 10 * GB,
    min: 10 * MB,
    max: 100_000 * GB,
    about: 'disk for blocks kept for others',
  },
  'opened-quota-bytes': {
    kind: 'number',
    default: 4 * GB,
    min: 10 * MB,
    max: 100_000 * GB,
    about: 'disk for blocks of what you opened',
  },
  'keep-published': {
    kind: 'boolean',
    default: true,
    about: 'keep alive what you publish: hold all of it, and put back what is lost',
  },
  'keep-quota-bytes': {
    kind: 'number',
    default: 10 * GB,
    min: 10 * MB,
    max: 100_000 * GB,
    about: 'disk for publications that you keep alive',
  },
  'keep-hours': {
    kind: 'number',
    default: 24,
    min: 1,
    max: 720,
    about: 'how often they are looked after',
  },
  'up-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most that goes out; 0 is no limit, else 32768 or more',
  },
  'down-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most that comes in; 0 is no limit, else 32768 or more',
  },
  'upload-slots': {
    kind: 'number',
    default: 8,
    min: 0,
    max: 255,
    about: 'shared files that are sent at once; others wait in a queue',
  },
  'transfer-up-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most of that for shared files that go out; 0 is no limit of their own, else 32768 or more',
  },
  'transfer-down-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most of that for shared files that come in; 0 is no limit of their own, else 32768 or more',
  },
  'user-up-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most that goes to one user who loads shared files; 0 is no limit, else 32768 or more',
  },
  'transfer-schedule': {
    kind: 'text',
    default: '',
    maxLength: 512,
    pattern: /^[\d:;= a-z-]*$/,
    isValue: (text: string): boolean => parseSchedule(text, isRate) !== undefined,
    about:
      'other limits for shared files at some hours, by the clock of this machine, as in "22:00-07:00 up=0 down=0; 12:00-13:00 up=200000 user=50000"; empty for none',
  },
  'downloads-at-once': {
    kind: 'number',
    default: 8,
    min: 1,
    max: 64,
    about: 'shared files that are loaded at once; others wait in their order',
  },
  'browse-shares': {
    kind: 'boolean',
    default: true,
    about: 'others may look through all that you share, folder by folder, and not only search it',
  },
  'hashing-bytes-per-second': {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most that is read of shared folders a second; 0 is no limit, else 32768 or more',
  },
  links: {
    kind: 'number',
    default: 16,
    min: 4,
    max: 40,
    about: 'neighbours to keep; takes effect at the next start',
  },
  tcp: {
    kind: 'boolean',
    default: true,
    about: 'links to nodes that are near move to TCP, which costs less processor time; takes effect at the next start',
  },
  relay: {
    kind: 'choice',
    default: 'known',
    choices: ['off', 'known', 'neighbours'],
    about:
      'carry links between neighbours that cannot reach each other: off; known, for those that were here a day ago or that an invite named; or for all neighbours. It sees who talks to whom and how much, never what',
  },
  'relay-bytes-per-second': {
    kind: 'number',
    default: MB,
    min: 0,
    max: 10 * GB,
    isRate: true,
    about: 'most that is carried so for all together, half of it for one; 0 is no limit, else 32768 or more',
  },
  'relay-bytes-per-day': {
    kind: 'number',
    default: 10 * GB,
    min: 0,
    max: 100_000 * GB,
    about: 'most that is carried so in a day for all together, a quarter of it for one; 0 is no limit',
  },
  'remember-opened': {
    kind: 'boolean',
    default: true,
    about: 'list what you opened in the library',
  },
  hub: {
    kind: 'choice',
    default: 'automatic',
    choices: ['automatic', 'always', 'never'],
    about: 'index for others what they share, so that all find it: when this node is able and needed, always, or never',
  },
  'search-history': {
    kind: 'boolean',
    default: false,
    about: 'remember what you searched for, on this machine',
  },
  'search-anonymously': {
    kind: 'boolean',
    default: false,
    about: 'search shared files by detours too, so that hubs do not learn who asks; slower',
  },
  'close-to-tray': {
    kind: 'boolean',
    default: false,
    about: 'closing the window of the desktop app leaves the node running in the tray',
  },
  'start-at-login': {
    kind: 'boolean',
    default: false,
    about: 'the desktop app starts in the tray when you log in',
  },
  'hide-secrets': {
    kind: 'boolean',
    default: false,
    about: 'the window of the desktop app is left out of screenshots and recordings while a password is shown',
  },
  'panic-wipes': {
    kind: 'boolean',
    default: false,
    about: 'locking the library removes what is kept of opened publications and uploads, too',
  },
  'lock-after': {
    kind: 'choice',
    default: 'off',
    choices: ['off', '5', '15', '60'],
    about: 'minutes without an action of a person, in a window or by a command, after which the library is locked',
  },
  welcomed: {
    kind: 'boolean',
    default: false,
    about: 'the three first questions of the interface were answered or skipped; off asks them again',
  },
  language: {
    kind: 'choice',
    default: 'system',
    choices: ['system', 'en', 'de', 'ar'],
    about: 'language of the interface',
  },
  notifications: {
    kind: 'boolean',
    default: false,
    about: 'the system tells when work has ended or a wish found something while the window is away',
  },
  'notification-names': {
    kind: 'boolean',
    default: false,
    about: 'names stand in what the system tells, perhaps on a lock screen',
  },
  appearance: {
    kind: 'choice',
    default: 'system',
    choices: ['system', 'light', 'dark'],
    about: 'colours of the interface',
  },
  'text-percent': {
    kind: 'number',
    default: 100,
    min: 75,
    max: 200,
    about: 'size of text in the interface',
  },
  network: {
    kind: 'text',
    default: 'broadside-public-1',
    maxLength: 64,
    pattern: /^[a-z0-9][a-z0-9-]{0,63}$/,
    about: 'name of the network; takes effect at the next start',
  },
  bootstrap: {
    kind: 'text',
    default: '',
    maxLength: 1024,
    pattern: /^$|^[^\s,:]+:\d{1,5}(,[^\s,:]+:\d{1,5})*$/,
    about: 'DHT bootstrap nodes, HOST:PORT separated by commas; empty for the public ones; at the next start',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue = number | boolean | string;

/** Least rate limit that lets one block pass a second. */
export const MIN_RATE_BYTES = 32 * KIB;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(SETTINGS, name);
}

/** No limit, or one that lets something pass. */
export function isRate(value: number): boolean {
  return value === 0 || (value >= MIN_RATE_BYTES && value <= 10 * GB);
}

/** The value in its own type, or a sentence that says what is wrong with it. */
export function parseSetting(name: SettingName, input: string | SettingValue): SettingValue | { problem: string } {
  const setting: Setting = SETTINGS[name];
  switch (setting.kind) {
    case 'number': {
      const isTyped = typeof input === 'string' && input.trim() !== '';
      const value = typeof input === 'number' ? input : isTyped ? Number(input) : Number.NaN;
      if (!Number.isInteger(value) || value < setting.min || value > setting.max) {
        return { problem: `${name} is a whole number from ${setting.min} to ${setting.max}` };
      }
      if (setting.isRate === true && !isRate(value)) {
        return { problem: `${name} is 0 for no limit, or ${MIN_RATE_BYTES} and more` };
      }
      return value;
    }
    case 'boolean':
      if (input === true || input === 'true' || input === 'on') return true;
      if (input === false || input === 'false' || input === 'off') return false;
      return { problem: `${name} is on or off` };
    case 'choice':
      return typeof input === 'string' && setting.choices.includes(input)
        ? input
        : { problem: `${name} is one of ${setting.choices.join(', ')}` };
    case 'text': {
      const isText = typeof input === 'string' && input.length <= setting.maxLength && setting.pattern.test(input);
      return isText && setting.isValue?.(input) !== false ? input : { problem: `${name}: ${setting.about}` };
    }
  }
}
