import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../shared/ui/announcer.js';
import { wordsOf } from './api/operator.js';

/** What came of something that somebody asked for. */
export interface Outcome {
  readonly ok: boolean;
  readonly words: string;
}

/** For buttons: does one thing at a time, and says what came of it, on the page and to people who do not see it. */
export function useAction() {
  const isBusy = useSignal(false);
  const outcome = useSignal<Outcome | null>(null);
  const say = (said: Outcome) => {
    outcome.value = said;
    announce(said.words);
  };
  const run = async (act: () => Promise<string>) => {
    if (isBusy.value) return;
    isBusy.value = true;
    await act()
      .then((words) => say({ ok: true, words }))
      .catch((error: unknown) => say({ ok: false, words: wordsOf(error) }));
    isBusy.value = false;
  };
  return { isBusy, outcome, run: (act: () => Promise<string>) => void run(act) };
}

/**
 * What `ask` answers, asked again and again while the page is looked at; the last answer stays where one fails. `key`: other questions begin
 * anew.
 */
export function usePolled<Answer>(ask: () => Promise<Answer>, everyMs: number, key = ''): Polled<Answer> {
  const answer = useSignal<Answer | null>(null);
  const asking = useRef(ask);
  asking.current = ask;
  const look = useRef<() => void>(() => undefined);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const next = async () => {
      clearTimeout(timer);
      const found = document.hidden ? null : await asking.current().catch(() => null);
      if (isOver) return;
      if (found !== null) answer.value = found;
      timer = setTimeout(() => void next(), everyMs);
    };
    look.current = () => void next();
    void next();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [key]);
  return { answer, refresh: () => look.current() };
}

export interface Polled<Answer> {
  readonly answer: ReadonlySignal<Answer | null>;
  readonly refresh: () => void;
}
