/**
 * Prints one document of the publication: it is shown in a frame of this page, where it may run no script, and this page,
 * which is ours, calls for the printer. Nothing but the document is on the paper.
 */
import { texts } from '/words.js';

const path = new URLSearchParams(location.search).get('file') ?? '';
const frame = document.createElement('iframe');
frame.setAttribute('sandbox', 'allow-same-origin allow-modals');
frame.title = texts['pdf.document'];
frame.addEventListener('load', () => {
  frame.contentWindow.focus();
  frame.contentWindow.print();
  // The interface, which knows this frame, takes it away.
  parent.postMessage({ broadside: 'printed' }, '*');
});
frame.src = `/page/${path.split('/').map(encodeURIComponent).join('/')}`;
document.body.append(frame);
