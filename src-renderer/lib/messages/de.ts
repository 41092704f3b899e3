/**
 * Every text of the interface in German, by view in de/. A text that is new in English is missing here as a type error until it
 * is written.
 */
import type { Texts } from './translate.ts';
import { aboutTexts } from './de/about.ts';
import { addressesTexts } from './de/addresses.ts';
import { appTexts } from './de/app.ts';
import { bookmarkTexts } from './de/bookmarks.ts';
import { changeTexts } from './de/change.ts';
import { firstRunTexts } from './de/first-run.ts';
import { foldersTexts } from './de/folders.ts';
import { helpTexts } from './de/help.ts';
import { homeTexts } from './de/home.ts';
import { jobsTexts } from './de/jobs.ts';
import { libraryTexts } from './de/library.ts';
import { loadingTexts } from './de/loading.ts';
import { lockTexts } from './de/lock.ts';
import { metadataTexts } from './de/metadata.ts';
import { moveTexts } from './de/move.ts';
import { networkTexts } from './de/network.ts';
import { playerTexts } from './de/player.ts';
import { publishTexts } from './de/publish.ts';
import { readTexts } from './de/read.ts';
import { searchTexts } from './de/search.ts';
import { settingsTexts } from './de/settings.ts';
import { sharesTexts } from './de/shares.ts';
import { transfersTexts } from './de/transfers.ts';
import { viewerTexts } from './de/viewer.ts';

export const de: Texts = {
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
