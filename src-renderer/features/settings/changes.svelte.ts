/** Settings change at once; the last change can be taken back. */
import type { SettingName, SettingValue } from '../../../shared/ipc/settings.ts';
import { parseSetting } from '../../../shared/ipc/settings.ts';
import { node } from '../../lib/connection/node.svelte.ts';
import { t } from '../../lib/messages/translate.ts';
import { notices } from '../../lib/notices.svelte.ts';

class Changes {
  last = $state.raw<{ name: SettingName; before: SettingValue }>();

  /** Resolves to what is wrong with the value, or to undefined when it was set or the node refused it aloud. */
  async set(name: SettingName, value: SettingValue): Promise<string | undefined> {
    const parsed = parseSetting(name, value);
    if (typeof parsed === 'object') return parsed.problem;
    const before = node.settings?.[name];
    if (before === parsed) return undefined;
    const done = await notices.attempt(async () => {
      await node.set(name, parsed);
      return true;
    });
    if (done === true && before !== undefined) this.last = { name, before };
    return undefined;
  }

  async undo(): Promise<void> {
    const { last } = this;
    if (last === undefined) return;
    this.last = undefined;
    await notices.attempt(async () => {
      await node.set(last.name, last.before);
      notices.say(t('settings.undone'));
    });
  }
}

export const changes = new Changes();
