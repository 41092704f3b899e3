/** What the interface is told of the frames that show content, which it cannot see into. */
import type { App } from '../../services/app.ts';
import type { ToldOfLink, ToldOfPage } from './answer.ts';

/** Longest address that travels (shared/ipc/contract.ts); a longer one is cut, and leads nowhere. */
const MAX_ADDRESS_LENGTH = 16_384;

export function tellOfContent(app: Pick<App, 'tell'>, contentUrl: string, told: ToldOfPage | ToldOfLink): void {
  if (told.kind === 'away') {
    app.tell('away', { contentUrl, address: told.address.slice(0, MAX_ADDRESS_LENGTH) });
    return;
  }
  const { path, blocked, found } = told;
  app.tell('page', { contentUrl, path, blocked: [...blocked], ...(found !== undefined && { found }) });
}
