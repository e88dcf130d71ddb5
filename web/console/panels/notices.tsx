import { useEffect } from 'preact/hooks';
import { timeOfDay } from '../../shared/i18n/format.js';
import { announce } from '../../shared/ui/announcer.js';
import { notices } from '../feed/live.js';
import { consoleWords } from '../words/words.js';

const SHOWN = 7;

/** What happened to the cluster, newest first. Deaths and returns are announced. */
export function Notices({ isDemo }: { readonly isDemo: boolean }) {
  const words = consoleWords.value.notices;
  const newest = notices.value[0];
  useEffect(() => {
    if (newest !== undefined) announce(`${newest.member} ${consoleWords.value.notices[newest.what]}`);
  }, [newest]);
  return (
    <section class="card notices" aria-labelledby="notices">
      <h2 id="notices">{words.heading}</h2>
      {newest === undefined && <p class="hint">{words.none(isDemo)}</p>}
      <ol>
        {notices.value.slice(0, SHOWN).map(({ at, member, what, seconds }) => (
          <li key={`${at} ${member} ${what}`} class={`notice notice--${what}`}>
            <time class="figures" dateTime={at}>
              {timeOfDay(at)}
            </time>
            <span>
              <strong>{member}</strong> {words[what]}
              {seconds !== null && ` ${words.after(Math.round(seconds * 1_000))}`}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
