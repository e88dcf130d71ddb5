import { commonWords } from '../i18n/common.js';
import { LANGUAGES, language, theme, THEMES } from '../preferences.js';
import './page-header.css';

/** The bar on top of both pages: where one is, and the reader's preferences. */
export function PageHeader({ page }: { readonly page: 'atm' | 'console' }) {
  const words = commonWords.value;
  return (
    <header class="page-header">
      <a class="skip-link" href="#content">
        {words.skip}
      </a>
      <a class="page-header__name" href="/">
        <Mark />
        Cashpoint
      </a>
      <nav class="page-header__pages" aria-label={words.pages}>
        <a href="/atm" aria-current={page === 'atm' ? 'page' : undefined}>
          {words.atm}
        </a>
        <a href="/console" aria-current={page === 'console' ? 'page' : undefined}>
          {words.console}
        </a>
        <a href="/docs">{words.api}</a>
      </nav>
      <Preferences />
    </header>
  );
}

function Preferences() {
  const words = commonWords.value;
  return (
    <div class="page-header__preferences">
      <select
        aria-label={words.theme}
        value={theme.value}
        onChange={({ currentTarget }) =>
          (theme.value = THEMES.find((each) => each === currentTarget.value) ?? 'system')
        }
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {words.themes[each]}
          </option>
        ))}
      </select>
      <select
        aria-label={words.language}
        value={language.value}
        onChange={({ currentTarget }) =>
          (language.value = LANGUAGES.find((each) => each === currentTarget.value) ?? 'en')
        }
      >
        <option value="en">English</option>
        <option value="de">Deutsch</option>
      </select>
    </div>
  );
}

/** The sign of Cashpoint: a slot and a note. */
function Mark() {
  return (
    <svg class="page-header__mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="var(--accent)" />
      <rect x="6" y="8" width="20" height="4" rx="2" fill="var(--accent-deep)" />
      <path d="M9 10h14v13a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 9 23z" fill="var(--on-accent)" />
      <circle cx="16" cy="17.5" r="3.6" fill="none" stroke="var(--accent)" stroke-width="1.6" />
    </svg>
  );
}
