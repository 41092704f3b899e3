/** Prints a document of a publication, and nothing else: a page of ours beside its viewer shows it and calls the printer. */

let frame: HTMLIFrameElement | undefined;

export function printDocument(viewerUrl: string, path: string): void {
  if (window.broadside?.printContent !== undefined) {
    window.broadside.printContent();
    return;
  }
  frame?.remove();
  const made = document.createElement('iframe');
  made.setAttribute('sandbox', 'allow-scripts allow-same-origin allow-modals');
  made.referrerPolicy = 'no-referrer';
  made.setAttribute('aria-hidden', 'true');
  made.tabIndex = -1;
  // Laid out, for what is not laid out is not printed, and out of sight.
  made.style.cssText = 'position:fixed;inset-block-end:100%;inline-size:60rem;block-size:40rem;border:0';
  made.src = `${viewerUrl}print.html?file=${encodeURIComponent(path)}`;
  frame = made;
  const ended = (event: MessageEvent<unknown>): void => {
    if (event.source !== made.contentWindow) return;
    window.removeEventListener('message', ended);
    made.remove();
  };
  window.addEventListener('message', ended);
  document.body.append(made);
}
