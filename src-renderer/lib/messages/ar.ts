/**
 * Every text of the interface in Arabic, by view in ar/. A text that is new in English is missing here as a type error until it
 * is written.
 */
import type { Texts } from './translate.ts';
import { aboutTexts } from './ar/about.ts';
import { addressesTexts } from './ar/addresses.ts';
import { appTexts } from './ar/app.ts';
import { bookmarkTexts } from './ar/bookmarks.ts';
import { changeTexts } from './ar/change.ts';
import { firstRunTexts } from './ar/first-run.ts';
import { foldersTexts } from './ar/folders.ts';
import { helpTexts } from './ar/help.ts';
import { homeTexts } from './ar/home.ts';
import { jobsTexts } from './ar/jobs.ts';
import { libraryTexts } from './ar/library.ts';
import { loadingTexts } from './ar/loading.ts';
import { lockTexts } from './ar/lock.ts';
import { metadataTexts } from './ar/metadata.ts';
import { moveTexts } from './ar/move.ts';
import { networkTexts } from './ar/network.ts';
import { playerTexts } from './ar/player.ts';
import { publishTexts } from './ar/publish.ts';
import { readTexts } from './ar/read.ts';
import { searchTexts } from './ar/search.ts';
import { settingsTexts } from './ar/settings.ts';
import { sharesTexts } from './ar/shares.ts';
import { transfersTexts } from './ar/transfers.ts';
import { viewerTexts } from './ar/viewer.ts';

export const ar: Texts = {
  ...appTexts,
  ...sharesTexts,
  ...transfersTexts,
  ...loadingTexts,
  ...lockTexts,
  ...moveTexts,
  ...playerTexts,
  ...homeTexts,
  ...helpTexts,
  ...firstRunTexts,
  ...bookmarkTexts,
  ...jobsTexts,
  ...aboutTexts,
  ...publishTexts,
  ...metadataTexts,
  ...changeTexts,
  ...readTexts,
  ...viewerTexts,
  ...libraryTexts,
  ...addressesTexts,
  ...foldersTexts,
  ...networkTexts,
  ...settingsTexts,
  ...searchTexts,
};
