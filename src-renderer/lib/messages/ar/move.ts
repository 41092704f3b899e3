/** Texts of moving the data directory. In Arabic. */
import type { moveTexts as english } from '../en/move.ts';
import type { TextsOf } from '../texts.ts';

export const moveTexts: TextsOf<typeof english> = {
  'move.takes': 'يشغل من القرص {size} في المجموع.',
  'move.begin': 'نقل…',
  'move.title': 'نقل مجلد البيانات',
  'move.to': 'إلى أين',
  'move.toAbout': 'المسار الكامل لمجلد فارغ، أو لمجلد جديد داخل مجلد موجود. يمكن أن يكون على قرص آخر في هذا الحاسوب.',
  'move.noPath': 'اذكر أولًا إلى أين.',
  'move.look': 'تفقُّده',
  'move.size': 'يُنقل {size} إلى هنا، والمتاح فيه {free}:',
  'move.stops': 'تتوقف العقدة. ما هو جارٍ ينقطع، ثم يُستأنف بعد ذلك.',
  'move.copies': 'يُنسخ كل شيء ثم يُقرأ ثانية للتحقق. عندئذ فقط يزول المجلد القديم، ويدل منذ ذلك الحين على الجديد.',
  'move.meanwhile': 'حتى ذلك الحين لا يمكن هنا نشر شيء ولا قراءته، ولا تصل العقد الأخرى إلى هذه العقدة. ويمكن الإلغاء.',
  'move.asks': 'عندما تبدأ العقدة ثانية تسأل عن عبارة المرور.',
  'move.start': 'إيقاف ونقل',
  'move.other': 'مكان آخر',
  'move.moving': 'يجري نقل مجلد البيانات',
  'move.where': 'يُنقل إلى:',
  'move.state.stopping': 'تتوقف العقدة.',
  'move.state.copying': 'يجري نسخ كل شيء.',
  'move.state.checking': 'تجري قراءة ما نُسخ للتحقق.',
  'move.state.starting': 'تبدأ العقدة ثانية.',
  'move.amount': '{done} من {total}',
  'move.left': 'بقي {time}',
  'move.whole': 'يبقى المجلد القديم كاملًا حتى يُقرأ كل شيء للتحقق. تعود هذه النافذة من تلقاء نفسها.',
  'move.done': 'مجلد البيانات الآن هو {directory}.',
  'move.cancelled': 'أُلغي النقل. كل شيء في مكانه.',
  'move.failed': 'لم يُنقل مجلد البيانات',
};
