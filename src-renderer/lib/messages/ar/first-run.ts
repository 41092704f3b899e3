/** Texts of the first run, and of the practice network that the app can start. In Arabic. */
import type { firstRunTexts as english } from '../en/first-run.ts';
import type { TextsOf } from '../texts.ts';
import { counted, NEIGHBOUR } from './counting.ts';

export const firstRunTexts: TextsOf<typeof english> = {
  'first.promise': 'يُنشر مرة واحدة، ويقرؤه كل من لديه الرابط، ويصعب سحبه.',
  'first.steps': 'ثلاثة أمور تختارها؛ ولكل منها خيار جاهز جيد',
  'first.room': 'المساحة على هذا القرص',
  'first.roomAbout': 'تحفظ عقدتك قطعًا مختومة من منشورات الآخرين. ولا تستطيع قراءة أي منها.',
  'first.keptIn': 'مكان الحفظ',
  'first.elsewhere': 'لحفظها في مكان آخر، شغّل Broadside بالخيار \u2066-\u2060-\u2060data\u2069 واسم مجلد.',
  'first.speed': 'السرعة',
  'first.speedAbout': 'أقصى ما يجوز أن يستهلكه Broadside. غيّره متى شئت؛ ويسري فورًا.',
  'first.network': 'أي شبكة',
  'first.real': 'الشبكة العامة',
  'first.realAbout': 'ما تنشره يمكن أن يُقرأ في كل مكان. اسمها {name}.',
  'first.practice': 'شبكة تدريب على هذا الحاسوب',
  'first.practiceAbout': 'ثماني عقد وعينات، لتجربة الأشياء. لا يخرج شيء منها من هذا الحاسوب.',
  'first.practiceImpossible':
    'لا تستطيع هذه النافذة تشغيل واحدة. في نسخة المصدر: \u2066npm run demo\u2069، وفي سطر الأوامر: \u2066broadside testnet\u2069.',
  'first.alreadyPractice': 'عقدتك على شبكة تدريب في هذا الحاسوب بالفعل، واسمها {name}.',
  'first.neighbours': counted(NEIGHBOUR),
  'first.looking': 'يجري البحث عن عقد أخرى، منذ {time}',
  'first.waitsFor':
    'تنتظر عقدتك ردًّا من أول العقد التي تسألها. هل هذا الحاسوب متصل بالإنترنت؟ يمكنك البدء على أي حال: البحث مستمر.',
  'first.noNode': 'العقدة لا تستجيب. تُعاد المحاولة تلقائيًّا.',
  'first.notHidden': 'لا يخفي Broadside أن هذا الحاسوب يشغّله.',
  'first.promised': 'ما نَعِد به وما لا نَعِد به',
  'first.skip': 'تخطٍّ',
  'first.begin': 'ابدأ',

  'practice.title': 'شبكة التدريب',
  'practice.about': 'عقد على هذا الحاسوب وحده، مع بضع عينات. مكتبتك ومفاتيحك وإعداداتك تنتظر عودتك.',
  'practice.start': 'تشغيل شبكة تدريب',
  'practice.stop': 'إيقافها',
  'practice.leave': 'مغادرتها',
  'practice.starting': 'يجري تشغيل شبكة تدريب.',
  'practice.step.nodes': 'تبدأ عقدها.',
  'practice.step.links': 'يبحث بعضها عن بعض.',
  'practice.step.samples': 'تُنشر العينات هناك.',
  'practice.step.moving': 'تنتقل عقدتك إليها.',
  'practice.goOn': 'يمكنك المتابعة هنا في هذه الأثناء.',
  'practice.on': 'هذه شبكة تدريب.',
  'practice.onAbout': 'لا يخرج شيء من هذا الحاسوب. ما تفعله هنا يُزال عند المغادرة.',
  'practice.leaving': 'تجري إزالة شبكة التدريب.',
  'practice.failed': 'لم تبدأ شبكة التدريب.',
  'practice.samples': 'عينات للقراءة',
};
