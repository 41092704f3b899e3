/** States of search, changes, short addresses, shared folders and beginnings: see interface-states.test.ts. */
import { ADDRESS_SCENES } from './address-scenes.ts';
import { CHANGE_SCENES } from './change-scenes.ts';
import { LOADING_SCENES } from './loading-scenes.ts';
import { SEARCH_SCENES } from './search-scenes.ts';
import { SETTINGS_SCENES } from './settings-scenes.ts';
import { SHARE_SCENES } from './share-scenes.ts';
import { showScenes } from './show-scenes.ts';
import { START_SCENES } from './start-scenes.ts';

showScenes([
  ...SEARCH_SCENES,
  ...LOADING_SCENES,
  ...CHANGE_SCENES,
  ...ADDRESS_SCENES,
  ...SHARE_SCENES,
  ...SETTINGS_SCENES,
  ...START_SCENES,
]);
