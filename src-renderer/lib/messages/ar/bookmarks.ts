/** Texts of bookmarks. In Arabic. */
import type { bookmarkTexts as english } from '../en/bookmarks.ts';
import type { TextsOf } from '../texts.ts';
import { always } from './counting.ts';

export const bookmarkTexts: TextsOf<typeof english> = {
  'bookmarks.tab': 'الإشارات المرجعية',
  'bookmarks.add': 'إضافة إشارة مرجعية',
  'bookmarks.remove': 'إزالة الإشارة المرجعية',
  'bookmarks.removeOf': 'إزالة الإشارة المرجعية: {title}',
  'bookmarks.added': 'أُضيفت إشارة مرجعية. يُبحث عن طبعات جديدة مرة في اليوم.',
  'bookmarks.addedPermanent': 'أُضيفت إشارة مرجعية. المنشور دائم: لا طبعات جديدة له.',
  'bookmarks.removed': 'أُزيلت الإشارة المرجعية.',
  'bookmarks.none': 'لا توجد إشارات مرجعية بعد',
  'bookmarks.noneText': 'زر الإشارة المرجعية في الشريط أعلى ما تقرؤه يضعه هنا. يُبحث عن طبعات جديدة مرة في اليوم وتُعلَّم.',
  'bookmarks.noneMatches': 'لا إشارة مرجعية في عنوانها «{filter}».',
  'bookmarks.new': 'طبعة جديدة {edition}',
  'bookmarks.newCount': always('{count} جديد'),
  'bookmarks.found': 'عُثر عليها {ago}',
  'bookmarks.deleted': 'حذفه ناشره، شوهد ذلك {ago}',
  'bookmarks.addedAt': 'أُضيفت {ago}',
  'bookmarks.openOf': 'فتح {title}',
};
