/** Texts of the reader's tools, of what is left out of content, of links that lead away, and of the preview. In Arabic. */
import type { viewerTexts as english } from '../en/viewer.ts';
import type { TextsOf } from '../texts.ts';
import { always, byForms } from './counting.ts';

export const viewerTexts: TextsOf<typeof english> = {
  'tools.open': 'بحث، تكبير، المصدر',
  'tools.print': 'طباعة',
  'tools.find': 'البحث في هذه الصفحة',
  'tools.found': always('{at} من {count}'),
  'tools.foundMany': '{at} من أكثر من {limit}',
  'tools.nothing': 'ليس في هذه الصفحة',
  'tools.next': 'التالي',
  'tools.previous': 'السابق',
  'tools.smaller': 'تصغير',
  'tools.larger': 'تكبير',
  'tools.asIs': 'الحجم الأصلي: {percent}',
  'tools.source': 'عرض المصدر',
  'tools.notHere': 'في الصفحات والنصوص فقط',
  'tools.close': 'إغلاق هذا الشريط',

  'saving.title': 'حفظ «{name}»',
  'saving.text': 'كما نُشر قد يحتوي على ما يشغّله برنامج آخر أو يحمّله، فيخبر الآخرين بأنه لديك وبمكانك.',
  'saving.inert': 'حفظ نسخة لا تشغّل شيئًا ولا تحمّل شيئًا',
  'saving.exact': 'حفظه كما نُشر بالضبط',

  'blocked.line': 'حُذف من هذه الصفحة: {list}.',
  'blocked.about': 'لا يجوز لشيء في منشور أن يعمل أو أن يطلب شيئًا من خارجه: وما حُذف كان سيفعل ذلك. المصدر يعرضه.',
  'blocked.script': byForms('نص برمجي واحد', 'نصان برمجيان', 'نصوص برمجية', 'نصًّا برمجيًّا'),
  'blocked.picture': byForms('صورة واحدة من خارجه', 'صورتان من خارجه', 'صور من خارجه', 'صورة من خارجه'),
  'blocked.style': byForms(
    'ورقة أنماط واحدة من خارجه',
    'ورقتا أنماط من خارجه',
    'أوراق أنماط من خارجه',
    'ورقة أنماط من خارجه',
  ),
  'blocked.font': byForms('خط واحد من خارجه', 'خطان من خارجه', 'خطوط من خارجه', 'خطًّا من خارجه'),
  'blocked.media': byForms(
    'مقطع واحد من خارجه',
    'مقطعان من خارجه',
    'مقاطع صوت أو فيديو من خارجه',
    'مقطع صوت أو فيديو من خارجه',
  ),
  'blocked.frame': byForms('إطار أو كائن واحد', 'إطاران أو كائنان', 'إطارات وكائنات', 'إطارًا وكائنًا'),
  'blocked.form': byForms('نموذج واحد', 'نموذجان', 'نماذج', 'نموذجًا'),
  'blocked.redirect': byForms(
    'انتقال واحد إلى مكان آخر',
    'انتقالان إلى مكان آخر',
    'انتقالات إلى مكان آخر',
    'انتقالًا إلى مكان آخر',
  ),
  'blocked.hint': byForms('اتصال مسبق واحد', 'اتصالان مسبقان', 'اتصالات مسبقة', 'اتصالًا مسبقًا'),
  'blocked.animation': byForms('جزء متحرك واحد', 'جزآن متحركان', 'أجزاء متحركة', 'جزءًا متحركًا'),

  'away.title': 'هذا الرابط يخرج من Broadside',
  'away.web':
    'فتحه مباشر ولم يعد مجهولًا: يعرف الموقع عنوانك ووقت مجيئك، وقد يعرف من هذا الرابط نفسه ما تقرؤه. ربما وُضع مثل هذا الرابط فخًّا.',
  'away.directTitle': 'هذا الرابط يؤدي إلى تنزيل مباشر',
  'away.direct': 'التنزيل المباشر ليس مجهولًا: كل طرف يرى عنوان الآخر. ربما وُضع مثل هذا الرابط فخًّا.',
  'away.other': 'لا يفتح Broadside روابط من هذا النوع. يمكن نسخه لبرنامج آخر، وقد يخبر ذلك البرنامج الآخرين من أنت.',
  'away.letters': 'في اسمه حروف غير الحروف اللاتينية البسيطة، وقد تتشابه. مكتوبًا بها: {host}',
  'away.copied': 'نُسخ العنوان.',
  'away.openWeb': 'فتحه في متصفح',
  'away.openDirect': 'الذهاب إلى التنزيل المباشر',

  'preview.open': 'معاينة',
  'preview.making': 'يجري النظر فيه',
  'preview.title': 'كما سيراه القراء',
  'preview.notSent': 'لم يُرسل شيء بعد.',
  'preview.back': 'العودة إلى النشر',
  'preview.leftOut': 'ما حُذف',
  'preview.nothingOut': 'لا شيء: ليس فيه ما يعمل أو يطلب شيئًا.',
  'preview.broken': 'روابط لا تؤدي إلى شيء',
  'preview.noneBroken': 'لا شيء: ما يؤدي إليه موجود فيه.',
  'preview.from': 'في {page}',
  'preview.notShown': 'أكبر من أن يُعرض',
  'preview.unchecked': byForms(
    'مستند واحد آخر لم يُنظر فيه.',
    'مستندان آخران لم يُنظر فيهما.',
    'مستندات أخرى لم يُنظر فيها.',
    'مستندًا آخر لم يُنظر فيه.',
  ),
};
