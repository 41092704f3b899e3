/** Texts of ours with their places filled, in the language of the page. */
import { locale, texts } from '/words.js';

const numbers = new Intl.NumberFormat(locale);
const percents = new Intl.NumberFormat(locale, { style: 'percent' });

export function words(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (whole, place) => (place in values ? numbers.format(values[place]) : whole));
}

export const percent = (fraction) => percents.format(fraction);
