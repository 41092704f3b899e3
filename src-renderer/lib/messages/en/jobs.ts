/** Texts of the panel of what runs. */
export const jobsTexts = {
  'jobs.title': 'What runs',
  'jobs.nothing': 'Nothing runs. What is published, opened, loaded and read stands here while it does.',
  'jobs.waiting': 'Waits for a word',
  'jobs.all': 'All in Transfers',
  'jobs.stopFolder': 'Stop reading {name}',
} as const;
