/**
 * Every text of the interface, in British English, by view in en/. {places} are filled in; texts with one and other choose
 * by {count}. Words to use and to avoid are in the look's "Words".
 */
import { aboutTexts } from './en/about.ts';
import { addressesTexts } from './en/addresses.ts';
import { appTexts } from './en/app.ts';
import { bookmarkTexts } from './en/bookmarks.ts';
import { changeTexts } from './en/change.ts';
import { firstRunTexts } from './en/first-run.ts';
import { foldersTexts } from './en/folders.ts';
import { helpTexts } from './en/help.ts';
import { homeTexts } from './en/home.ts';
import { jobsTexts } from './en/jobs.ts';
import { libraryTexts } from './en/library.ts';
import { loadingTexts } from './en/loading.ts';
import { lockTexts } from './en/lock.ts';
import { metadataTexts } from './en/metadata.ts';
import { moveTexts } from './en/move.ts';
import { networkTexts } from './en/network.ts';
import { playerTexts } from './en/player.ts';
import { publishTexts } from './en/publish.ts';
import { readTexts } from './en/read.ts';
import { searchTexts } from './en/search.ts';
import { settingsTexts } from './en/settings.ts';
import { sharesTexts } from './en/shares.ts';
import { transfersTexts } from './en/transfers.ts';
import { viewerTexts } from './en/viewer.ts';

export const en = {
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
} as const;
