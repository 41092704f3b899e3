import { existsSync, readFileSync } from 'node:fs';
import { BroadsideError } from '../../../../shared/base/errors.ts';
import { decodeHead } from '../../../services/lock/personal-head.ts';
import { SETTING_NAMES, isSettingName } from '../../../../shared/ipc/settings.ts';
import type { SettingValue } from '../../../../shared/ipc/settings.ts';
import { nodeChoice } from '../context.ts';
import type { CommandContext } from '../context.ts';

interface SettingsAccess {
  all(): Promise<Readonly<Record<string, SettingValue>>>;
  set(name: string, value: string): Promise<SettingValue>;
  /** Whether the library has a passphrase. */
  isLockable(): Promise<boolean>;
  close(): Promise<void>;
}

/** No node is needed to read or change a setting: without a daemon the file is changed, under the directory's lock. */
export async function config(context: CommandContext): Promise<number> {
  const { args, output } = context;
  const [verb, name, value] = args.positionals;
  const wrong = (what: string): BroadsideError =>
    new BroadsideError('usage', `config: ${what}. It is: broadside config get [KEY] | set KEY VALUE`);
  if (verb !== 'get' && verb !== 'set') throw wrong(`${JSON.stringify(verb)} is neither get nor set`);
  if (verb === 'get' && value !== undefined) throw wrong('too many arguments');
  if (verb === 'set' && (name === undefined || value === undefined)) throw wrong('too few arguments');
  if (name !== undefined && !isSettingName(name)) {
    throw new BroadsideError(
      'usage',
      `There is no setting named ${JSON.stringify(name)}. There are: ${SETTING_NAMES.join(', ')}.`,
    );
  }
  const access = await openSettings(context);
  try {
    if (verb === 'set') {
      const kept = await access.set(name!, value!);
      output.result({ [name!]: kept }, `${name} is ${kept}`);
      if (name === 'lock-after' && kept !== 'off' && !(await access.isLockable()))
        output.say('There is no passphrase, so nothing is locked until one is set: broadside passphrase set.');
    } else {
      const all = await access.all();
      const shown = name === undefined ? all : { [name]: all[name]! };
      output.result(
        shown,
        name === undefined
          ? Object.entries(shown)
              .map(([key, kept]) => `${key.padEnd(24)}${kept}`.trimEnd())
              .join('\n')
          : String(shown[name]),
      );
    }
  } finally {
    await access.close();
  }
  return 0;
}

async function openSettings(context: CommandContext): Promise<SettingsAccess> {
  const choice = nodeChoice(context);
  const { connectDaemon } = await import('../session.ts');
  const session = await connectDaemon(choice);
  if (session !== undefined) {
    return {
      all: () => session.client.call('config.get', null),
      set: async (name, value) => (await session.client.call('config.set', { name, value })).value,
      isLockable: async () => (await session.client.call('lock.get', null)).state !== 'none',
      close: () => session.close(),
    };
  }
  const { openSettingsAlone } = await import('../../open-settings.ts');
  const { settings, close } = await openSettingsAlone(choice);
  return {
    all: async () => settings.all(),
    set: (name, value) => settings.set(name, value),
    async isLockable() {
      const { personal } = choice.directory;
      return existsSync(personal) && decodeHead(readFileSync(personal, 'utf8'), personal).key !== undefined;
    },
    close,
  };
}
