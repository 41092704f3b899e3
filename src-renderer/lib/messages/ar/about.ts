/** Texts of About: what this is, and what is promised and what not. In Arabic. */
import type { aboutTexts as english } from '../en/about.ts';
import type { TextsOf } from '../texts.ts';

export const aboutTexts: TextsOf<typeof english> = {
  'section.about': 'حول البرنامج',
  'about.tagline': 'يُنشر مرة واحدة، ويقرؤه كل من لديه الرابط، ويصعب سحبه.',
  'about.this': 'هذا البرنامج',
  'about.version': 'الإصدار',
  'about.licence': 'الرخصة',
  'about.licenceName': 'MIT',
  'about.licenceText':
    'برنامج حر: استخدمه وعدّله وأعطه لغيرك؛ ويأتي دون أي ضمان. نص الرخصة كاملًا مرفق بالبرنامج، ومعه رخص ما بُني منه.',
  'about.made':
    'الخطوط: Besley وPublic Sans وSource Serif 4 وLibre Franklin وNoto، برخصة الخطوط المفتوحة SIL. الأيقونات: Lucide، برخصة ISC.',
  'about.noReports': 'لا يرسل أي تقارير إلى أحد، ولا يبحث عن تحديثات.',
  'about.network': 'الشبكة',
  'about.key': 'مفتاح هذه العقدة',
  'about.promised': 'ما نَعِد به',
  'about.promiseTitle.whole': 'ما تقرؤه هو ما نُشر',
  'about.promise.whole': 'تُفحص كل قطعة وفق الرابط قبل عرضها. أما صحة المضمون فالحكم فيها لك.',
  'about.promiseTitle.spread': 'لا يعتمد على حاسوب واحد',
  'about.promise.spread':
    'يُقسم المنشور إلى حصص على عقد كثيرة، ويكفي بعضها. وما يُفقد من الحصص يُعاد حين يُقرأ المنشور أو يُبقى حيًّا.',
  'about.promiseTitle.sealed': 'العقد لا تستطيع قراءة ما تحفظه',
  'about.promise.sealed': 'ما يُحفظ للآخرين مختوم، ومفتاحه في الرابط وحده.',
  'about.promiseTitle.anonymous': 'مجهول: لا رسالة وحدها تدل على صاحبها',
  'about.promise.anonymous':
    'ما يُنشر ويُقرأ مجهولًا ينتقل في قفزات. والعقدة التي تمرر رسالة لا تعرف منها هل بدأتها جارتها أم هي أيضًا تمررها.',
  'about.promiseTitle.direct': 'مباشر: كل طرف يرى عنوان الآخر',
  'about.promise.direct': 'الملفات المشتركة تنتقل مباشرة، والبرنامج يقول ذلك قبل أول بايت.',
  'about.notPromised': 'ما لا نَعِد به',
  'about.notTitle.hidden': 'استخدامك Broadside ليس مخفيًّا',
  'about.not.hidden': 'من يراقب خط اتصالك يراه، وكذلك العقد المجاورة لعقدتك.',
  'about.notTitle.everything': 'لا حماية ممن يرى كل شيء',
  'about.not.everything': 'من يراقب حركة الشبكة كلها في وقت واحد، أو يشغّل معظم عقدها، يستطيع أن يعرف من ينشر ومن يقرأ.',
  'about.notTitle.small': 'في شبكة صغيرة لا أحد تختفي بينهم',
  'about.not.small': 'حين لا تزيد العقد على بضع عشرة، فمجرد أن تكون إحداها يقول الكثير.',
  'about.notTitle.forever': 'لا شيء يُحفظ إلى الأبد',
  'about.not.forever': 'ما لا يقرؤه أحد ولا يبقيه أحد حيًّا يضيع حين تحتاج العقد التي تحفظه إلى المساحة أو تغادر.',
  'about.notTitle.back': 'الحذف لا يصل إلى النسخ',
  'about.not.back': 'يستطيع الناشر أن يحذف ما نشره. ومن لديه نسخة فلديه نسخة.',
};
