/** States of search, changes, short addresses and shared folders: see interface-states.test.ts. */
import { ADDRESS_SCENES } from './address-scenes.ts';
import { CHANGE_SCENES } from './change-scenes.ts';
import { SEARCH_SCENES } from './search-scenes.ts';
import { SHARE_SCENES } from './share-scenes.ts';
import { showScenes } from './show-scenes.ts';

showScenes([...SEARCH_SCENES, ...CHANGE_SCENES, ...ADDRESS_SCENES, ...SHARE_SCENES]);
