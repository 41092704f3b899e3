/** The values of shared/ipc/settings.ts: kept on disk, changed while running, told to whom they concern at once. */
import { BroadsideError } from '../../../shared/base/errors.ts';
import { SETTING_NAMES, SETTINGS, isSettingName, parseSetting } from '../../../shared/ipc/settings.ts';
import type { SettingName, SettingValue } from '../../../shared/ipc/settings.ts';
import type { SettingsStore } from '../../core/ports.ts';

export type SettingValues = Readonly<Record<SettingName, SettingValue>>;
export type SettingsListener = (values: SettingValues, changed: readonly SettingName[]) => void;

export class Settings {
  readonly #store: SettingsStore;
  /** What this version does not know: a later one's, or a slip of whoever edited the file. It stays there. */
  readonly #others: Readonly<Record<string, unknown>>;
  #values: SettingValues;
  readonly #listeners = new Set<SettingsListener>();
  /** One save after the other, so that the last set is the last kept. */
  #saving: Promise<void> = Promise.resolve();

  private constructor(store: SettingsStore, values: SettingValues, others: Readonly<Record<string, unknown>>) {
    this.#store = store;
    this.#others = others;
    this.#values = values;
  }

  /** Values that are missing or out of bounds (an older or edited file) take their defaults. */
  static async load(store: SettingsStore): Promise<Settings> {
    const kept = await store.read();
    const values = {} as Record<SettingName, SettingValue>;
    for (const name of SETTING_NAMES) {
      const value = kept[name];
      const parsed = isValue(value) ? parseSetting(name, value) : { problem: 'absent' };
      values[name] = typeof parsed === 'object' ? SETTINGS[name].default : parsed;
    }
    const others = Object.fromEntries(Object.entries(kept).filter(([name]) => !isSettingName(name)));
    return new Settings(store, values, others);
  }

  all(): SettingValues {
    return this.#values;
  }

  get<Name extends SettingName>(name: Name): Widened<(typeof SETTINGS)[Name]['default']> {
    return this.#values[name] as Widened<(typeof SETTINGS)[Name]['default']>;
  }

  /** Keeps the value on disk, then tells the listeners. Throws `usage` for a name or value that is not one. */
  async set(name: string, input: SettingValue): Promise<SettingValue> {
    if (!isSettingName(name)) {
      throw new BroadsideError(
        'usage',
        `There is no setting named ${JSON.stringify(name)}. There are: ${SETTING_NAMES.join(', ')}.`,
      );
    }
    const parsed = parseSetting(name, input);
    if (typeof parsed === 'object') throw new BroadsideError('usage', `${parsed.problem}.`);
    const save = this.#saving.then(async () => {
      const values = { ...this.#values, [name]: parsed };
      await this.#store.write({ ...this.#others, ...withoutDefaults(values) });
      this.#values = values;
      for (const listener of this.#listeners) listener(values, [name]);
    });
    this.#saving = save.catch(() => undefined);
    await save;
    return parsed;
  }

  /** Called after each change that was kept; returns the function that ends it. */
  onChange(listener: SettingsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when what was set is on disk. */
  async close(): Promise<void> {
    await this.#saving;
  }
}

type Widened<Value> = Value extends number ? number : Value extends boolean ? boolean : string;

/** A default that a later version changes then changes for everybody who never chose. */
function withoutDefaults(values: SettingValues): Record<string, SettingValue> {
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => values[name] !== SETTINGS[name].default).map((name) => [name, values[name]]),
  );
}

function isValue(value: unknown): value is SettingValue {
  return typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
}
