import { useState } from 'preact/hooks';
import { words } from './words/words.js';

/** Outside the demo profile no key is published: somebody has to bring it. It is kept in memory only. */
export function TerminalKeyForm({ start }: { readonly start: (terminalId: string, key: string) => void }) {
  const { key: text } = words.value;
  const [terminalId, setTerminalId] = useState('');
  const [key, setKey] = useState('');
  return (
    <main id="content">
      <form
        class="provision"
        onSubmit={(event) => {
          event.preventDefault();
          start(terminalId.trim(), key);
        }}
      >
        <h1>{text.title}</h1>
        <p>{text.text}</p>
        <label class="field">
          {text.terminal}
          <input
            value={terminalId}
            autocomplete="off"
            onInput={({ currentTarget }) => setTerminalId(currentTarget.value)}
          />
        </label>
        <label class="field">
          {text.label}
          <input
            type="password"
            autocomplete="off"
            value={key}
            onInput={({ currentTarget }) => setKey(currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button--main" disabled={terminalId.trim() === '' || key === ''}>
          {text.start}
        </button>
      </form>
    </main>
  );
}
