/** The threads of the search index: one writes, others answer queries. */
import { isCorrupt } from './errors.ts';
import type { SearchProtocol, SearchRequest, SearchSetup, SearchValue } from './search-messages.ts';
import { SearchReader } from './search-reader.ts';
import { SEARCH_SCHEMA } from './search-schema.ts';
import { SearchWriter } from './search-writer.ts';
import { serveStores } from './thread-side.ts';
import type { ThreadSide } from './thread-side.ts';

serveStores<SearchSetup, SearchProtocol>(SEARCH_SCHEMA.what, (side, setup) => {
  if (setup.role === 'writer') new SearchWriter(side, setup);
  else serveReader(side, new SearchReader(setup));
});

function serveReader(side: ThreadSide<SearchProtocol>, reader: SearchReader): void {
  const answer = (id: number, work: () => SearchValue): void => {
    try {
      side.answer(id, work());
    } catch (thrown) {
      if (isCorrupt(thrown)) side.answer(id, 'damaged');
      else side.refuse(id, thrown);
    }
    side.flush();
  };
  side.open({ sources: [], movedTo: undefined }, (request: SearchRequest) => {
    switch (request.type) {
      case 'query':
        return answer(request.id, () => reader.query(request.query, request.bounds, request.nowMinutes));
      case 'listings':
        return answer(request.id, () => reader.listings(request.after, request.limit, request.nowMinutes));
      case 'present':
        return reader.setPresent(request.sources);
      case 'reopen':
      case 'close':
        return answer(request.id, () => {
          if (request.type === 'reopen') reader.reopen();
          else reader.close();
          return true;
        });
      default:
        throw new Error(`not for the reader: ${request.type}`);
    }
  });
}
