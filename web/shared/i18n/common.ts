import { catalog } from './catalog.js';

const en = {
  language: 'Language',
  theme: 'Appearance',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  close: 'Close',
  atm: 'ATM',
  console: 'Console',
  api: 'API',
  pages: 'Pages',
  skip: 'Skip to the content',
};

const de: typeof en = {
  language: 'Sprache',
  theme: 'Darstellung',
  themes: { system: 'System', light: 'Hell', dark: 'Dunkel' },
  close: 'Schließen',
  atm: 'Geldautomat',
  console: 'Leitstand',
  api: 'API',
  pages: 'Seiten',
  skip: 'Zum Inhalt springen',
};

/** Words that both pages use. */
export const commonWords = catalog({ en, de });
