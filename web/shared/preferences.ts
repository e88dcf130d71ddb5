import { computed, effect, signal } from '@preact/signals';

export const LANGUAGES = ['en', 'de'] as const;
export type Language = (typeof LANGUAGES)[number];

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const LANGUAGE_KEY = 'cashpoint.language';
const THEME_KEY = 'cashpoint.theme';

/** Chosen here, else the browser's first that is known, else English. */
export const language = signal<Language>(
  kept(LANGUAGE_KEY, LANGUAGES) ?? navigator.languages.map(baseOf).find(isLanguage) ?? 'en',
);

/** `system` follows the device. */
export const theme = signal<Theme>(kept(THEME_KEY, THEMES) ?? 'system');

const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener('change', ({ matches }) => (systemIsDark.value = matches));

/** What is shown, with `system` resolved. */
export const shownTheme = computed(() =>
  theme.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : theme.value,
);

/** Keeps `<html lang data-theme>` and the browser's storage in step with what is chosen. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.lang = language.value;
    document.documentElement.dataset['theme'] = shownTheme.value;
  });
  effect(() => keep(LANGUAGE_KEY, language.value));
  effect(() => keep(THEME_KEY, theme.value));
}

function kept<Value extends string>(key: string, values: readonly Value[]): Value | undefined {
  try {
    return values.find((value) => value === localStorage.getItem(key));
  } catch {
    return undefined;
  }
}

/** A browser that keeps nothing for pages asks again next time. */
function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    return;
  }
}

function baseOf(tag: string): string {
  return tag.split('-')[0] ?? tag;
}

function isLanguage(tag: string): tag is Language {
  return LANGUAGES.some((known) => known === tag);
}
