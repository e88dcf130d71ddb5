import { signal } from '@preact/signals';

const announced = signal('');

/** Says something to people who do not see the page; the same words twice in a row are said once. */
export function announce(words: string): void {
  announced.value = words;
}

/** The polite live region. Once per page. */
export function Announcer() {
  return (
    <div class="visually-hidden" role="status" aria-live="polite">
      {announced.value}
    </div>
  );
}
