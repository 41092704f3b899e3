/** Texts of Home, Search and Transfers. In Arabic. */
import type { homeTexts as english } from '../en/home.ts';
import type { TextsOf } from '../texts.ts';
import { always } from './counting.ts';

export const homeTexts: TextsOf<typeof english> = {
  'home.youPublishedLast': 'آخر ما نشرته',
  'home.youOpenedLast': 'آخر ما فتحته',
  'home.newEditionFollowed': 'طبعة جديدة من اسم قلم تتابعه',
  'home.newEditionBookmarked': 'طبعة جديدة من إشارة مرجعية',
  'home.editionFound': 'الطبعة {edition} · عُثر عليها {ago}',
  'home.welcome': 'يُنشر مرة واحدة، ويقرؤه كل من لديه الرابط، ويصعب سحبه',
  'home.welcomeText':
    'أفلت ملفًا أو مجلدًا في أي مكان من هذه النافذة. ترى ما سيراه القراء قبل إرسال أي شيء، وتحصل على رابط حين يكتمل.',
  'home.welcomeOpen': 'لقراءة ما نشره غيرك، ضع رابطه في الحقل أعلاه، أو كلمات للبحث عنها.',
  'home.openedLately': 'فُتح مؤخرًا',
  'home.all': 'الكل',
  'home.nothingOpened': 'ما تفتحه يُدرج هنا. ضع رابطًا في الحقل أعلاه.',
  'home.youPublished': 'ما نشرته',
  'home.nothingPublished': 'ما تنشره يُدرج هنا، مع عدد حصصه التي تجيب.',
  'home.runningNow': 'قيد التنفيذ الآن',
  'home.nothingRuns': 'لا شيء قيد التنفيذ.',
  'home.thisNode': 'هذه العقدة',
  'home.publishSomething': 'انشر شيئًا',
  'home.dropHere': 'أفلت ملفًا أو مجلدًا في أي مكان من هذه النافذة. والرابط الذي تفلته يُفتح.',

  'node.neighbours': 'العقد المجاورة',
  'node.keptForOthers': 'محفوظ للآخرين',
  'node.comingIn': 'الوارد',
  'node.goingOut': 'الصادر',
  'node.upSince': 'تعمل منذ',

  'transfers.running': 'قيد التنفيذ',
  'transfers.nothing': 'لا شيء قيد التنفيذ. يظهر هنا ما يُنشر ويُفتح ويُفحص، مع سبب انتظاره.',
  'transfers.interrupted': 'منقطع',
  'transfers.finished': 'مكتمل',
  'transfers.clear': always('{count}، إفراغ القائمة'),
  'transfers.limit': 'الحد {rate}',
  'transfers.sharing': 'ما يُشارك من هنا',
  'transfers.noUploads': 'لا أحد ينزّل من مجلداتك المشتركة الآن.',
  'transfers.uploads': {
    zero: 'في الطريق إلى الآخرين {count} ملف؛ والمنتظر {waiting}.',
    one: 'في الطريق إلى أحدهم ملف واحد؛ والمنتظر {waiting}.',
    two: 'في الطريق إلى الآخرين ملفان؛ والمنتظر {waiting}.',
    few: 'في الطريق إلى الآخرين {count} ملفات؛ والمنتظر {waiting}.',
    many: 'في الطريق إلى الآخرين {count} ملفًا؛ والمنتظر {waiting}.',
    other: 'في الطريق إلى الآخرين {count} ملف؛ والمنتظر {waiting}.',
  },
  'transfers.toShares': 'المجلدات المشتركة',
  'transfers.goesOn': 'ما هو قيد التنفيذ يستمر بعد إغلاق هذه النافذة، ما دامت العقدة تعمل.',
};
