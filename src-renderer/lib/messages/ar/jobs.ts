/** Texts of the panel of what runs. In Arabic. */
import type { jobsTexts as english } from '../en/jobs.ts';
import type { TextsOf } from '../texts.ts';

export const jobsTexts: TextsOf<typeof english> = {
  'jobs.title': 'قيد التنفيذ',
  'jobs.nothing': 'لا شيء قيد التنفيذ. ما يُنشر ويُفتح ويُنزَّل ويُقرأ يظهر هنا أثناء ذلك.',
  'jobs.waiting': 'ينتظر كلمة منك',
  'jobs.all': 'الكل في النقل',
  'jobs.stopFolder': 'إيقاف قراءة {name}',
};
