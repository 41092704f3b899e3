/** The channels between preload and main, each for one thing. The contract itself goes over the port. */
export const CHANNELS = {
  /** Page to main: give me a port. */
  wantPort: 'broadside:want-port',
  /** Main to page: the port. */
  port: 'broadside:port',
  /** Page to main, answered: a folder chosen in the system's own dialog. */
  chooseFolder: 'broadside:choose-folder',
  /** Page to main: show content there, or null to take it away. */
  content: 'broadside:content',
  /** Page to main: how large content is shown. */
  zoomContent: 'broadside:zoom-content',
  /** Page to main: print what is shown of content. */
  printContent: 'broadside:print-content',
  /** Page to main: open a web address in the system's browser; the person was asked. */
  openOutside: 'broadside:open-outside',
  /** Page to main, answered: open the file of a download that is done. */
  openFile: 'broadside:open-file',
  /** Page to main, answered: show it in its folder. */
  showFile: 'broadside:show-file',
  /** Page to main: that file is being dragged out of the window. */
  dragFile: 'broadside:drag-file',
  /** Page to main: notify by the system. */
  notify: 'broadside:notify',
  /** Page to main: a password is shown, or no more. */
  secretShown: 'broadside:secret-shown',
  /** Main to page: go to a place of the interface. */
  showPlace: 'broadside:show-place',
  /** Main to page: go to a job's view. */
  showJob: 'broadside:show-job',
} as const;
