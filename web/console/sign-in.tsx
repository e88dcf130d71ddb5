import { useSignal } from '@preact/signals';
import { DEMO_OPERATOR_TOKEN } from '../shared/demo.js';
import { consoleWords } from './words/words.js';

interface Props {
  readonly isDemo: boolean;
  readonly isRefused: boolean;
  readonly onToken: (token: string) => void;
}

/** In the demo profile the published token is filled in already. */
export function SignIn({ isDemo, isRefused, onToken }: Props) {
  const words = consoleWords.value.signIn;
  const token = useSignal(isDemo ? DEMO_OPERATOR_TOKEN : '');
  const submit = (event: Event) => {
    event.preventDefault();
    if (token.value !== '') onToken(token.value);
  };
  return (
    <form class="sign-in card" onSubmit={submit}>
      <h1>{words.heading}</h1>
      <p>{words.intro(isDemo)}</p>
      <label for="token">{words.token}</label>
      <input
        id="token"
        class="field"
        {...(isDemo ? ({ type: 'text' } as const) : ({ type: 'password' } as const))}
        autocomplete="off"
        spellcheck={false}
        value={token.value}
        onInput={({ currentTarget }) => (token.value = currentTarget.value)}
      />
      {isDemo && <p class="hint">{words.demo}</p>}
      {isRefused && (
        <p class="refusal" role="alert">
          {words.refused}
        </p>
      )}
      <button class="button button--main" type="submit">
        {words.open}
      </button>
    </form>
  );
}
