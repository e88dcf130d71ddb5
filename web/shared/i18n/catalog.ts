import { computed, type ReadonlySignal } from '@preact/signals';
import { type Language, language } from '../preferences.js';

/**
 * The words of a page in the language that is shown: `const words = catalog({ en, de })`, then `words.value.insertCard` in a component, which
 * is drawn again when the language changes. English gives the type: a missing translation does not build.
 */
export function catalog<Words>(languages: Readonly<Record<Language, Words>>): ReadonlySignal<Words> {
  return computed(() => languages[language.value]);
}
