import { language } from '../preferences.js';

const LOCALES = { en: 'en-GB', de: 'de-DE' } as const;

/** Minor units of a currency with two decimals, with its sign: `20000` is `€200.00` or `200,00 €`. Read inside a component. */
export function money(minor: number, currency: string): string {
  return new Intl.NumberFormat(LOCALES[language.value], { style: 'currency', currency }).format(minor / 100);
}

/** The same without the sign and, where there are none, without cents: as it is printed on a note or a button. */
export function plainAmount(minor: number): string {
  const digits = minor % 100 === 0 ? 0 : 2;
  return new Intl.NumberFormat(LOCALES[language.value], {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(minor / 100);
}

export function number(value: number, maximumFractionDigits = 0): string {
  return new Intl.NumberFormat(LOCALES[language.value], { maximumFractionDigits }).format(value);
}

/** A share of 1, as `34%` or `34 %`. */
export function percent(share: number): string {
  return new Intl.NumberFormat(LOCALES[language.value], { style: 'percent' }).format(share);
}

/** Hours, minutes and seconds of an ISO 8601 instant, where the reader is. */
export function timeOfDay(instant: string): string {
  return new Intl.DateTimeFormat(LOCALES[language.value], { timeStyle: 'medium' }).format(new Date(instant));
}

/** Date and time of an ISO 8601 instant, where the reader is. */
export function dateAndTime(instant: string): string {
  return new Intl.DateTimeFormat(LOCALES[language.value], { dateStyle: 'medium', timeStyle: 'short' }).format(
    new Date(instant),
  );
}
