/** The player of shared files, and what is told while the window is away. In Arabic. */
import type { playerTexts as english } from '../en/player.ts';
import type { TextsOf } from '../texts.ts';
import { always } from './counting.ts';

export const playerTexts: TextsOf<typeof english> = {
  'player.label': 'مشغّل {name}',
  'player.verified': 'تم التحقق قطعة قطعة',
  'player.arriving': 'يعمل أثناء وصوله. ما لم يُتحقق منه لا يُعرض.',
  'player.whole': 'كله هنا، وجرى التحقق منه عند وصوله.',
  'player.back': 'إلى النقل',
  'player.opening': 'يجري فتح المشغّل',
  'player.waitsAt': 'ينتظر المشغّل القطعة التي عند {place}',
  'player.readsAt': 'قُرئ حتى {place}',
  'player.nothingYet': 'لم يصل منه شيء بعد',
  'player.paused': 'التنزيل متوقف مؤقتًا. ما وصل يعمل.',
  'player.failed': 'توقف التنزيل. ما وصل يعمل.',
  'player.gone': 'لم يعد هذا الملف في قائمة النقل',
  'player.goneText': 'أُزيل من القائمة، أو أُعيد تشغيل العقدة. إن كان قد نُزّل كاملًا فهو حيث وضعته.',
  'player.kind.other': 'لا يشغّل Broadside ملفات من هذا النوع',
  'player.kind.otherText':
    'يُعرض هنا ما تعرفه المتصفحات من صوت وفيديو وصور، ولا يُفتح غيره. حين يكتمل احفظه أو افتح مجلده.',
  'player.direct': 'كل طرف يرى عنوان الآخر.',
  'notify.downloadDone': 'اكتمل تنزيل',
  'notify.downloadFailed': 'توقف تنزيل',
  'notify.jobDone': 'انتهى عمل كان يجري في الخلفية',
  'notify.jobFailed': 'توقف عمل كان يجري في الخلفية',
  'notify.wish': 'عثرت أمنية على شيء',
  'notify.settings': 'الإشعارات',
  'notify.on': 'أشعرني حين لا تكون النافذة أمامي',
  'notify.onAbout': 'حين ينتهي تنزيل أو عمل آخر، وحين تعثر أمنية على شيء. يعرضه النظام، وربما على شاشة القفل.',
  'notify.names': 'مع الأسماء',
  'notify.namesAbout': 'يظهر اسم الملف أو المنشور في الإشعار. وعند الإيقاف لا يقول إلا ما حدث.',
  'notify.refused': 'لا يسمح المتصفح لهذه الصفحة بالإشعارات. اسمح بها في إعدادات المتصفح لهذا العنوان.',
  'title.running': always('الوارد {rate}، {count} قيد التنفيذ'),
};
