import type { MessageBody } from '#contracts';
import { timeOfDay } from '../../shared/i18n/format.js';
import type { Operator } from '../api/operator.js';
import { useAction, usePolled } from '../use-action.js';
import { consoleWords } from '../words/words.js';
import { OutcomeLine, Panel } from './panel.js';

const POLL_MS = 3_000;
const SHOWN = 50;

/** Messages that wait at their source or are parked at their target: what is in them, and trying them again. */
export function Messages({ operator }: { readonly operator: Operator }) {
  const words = consoleWords.value.messages;
  const replaying = useAction();
  const { answer, refresh } = usePolled(() => operator.messages(SHOWN), POLL_MS);
  const { messages = [], unheard = [] } = answer.value ?? {};
  const replay = (messageId: string) =>
    replaying.run(async () => {
      const { outcome } = await operator.replay(messageId);
      refresh();
      return consoleWords.value.messages.outcome[outcome];
    });
  return (
    <Panel id="messages" heading={words.heading}>
      {unheard.length > 0 && <p class="refusal">{words.unheard(unheard.join(', '))}</p>}
      {messages.length === 0 && <p class="hint">{words.none}</p>}
      <ul class="messages">
        {messages.map((message) => (
          <Message key={`${message.broker} ${message.messageId}`} message={message} onReplay={replay} />
        ))}
      </ul>
      <OutcomeLine outcome={replaying.outcome.value} />
    </Panel>
  );
}

interface MessageProps {
  readonly message: MessageBody;
  readonly onReplay: (messageId: string) => void;
}

function Message({ message, onReplay }: MessageProps) {
  const words = consoleWords.value.messages;
  const { messageId, state, type, broker, toBroker, toService, attempts, since, lastError, reason, body } = message;
  return (
    <li>
      <span class={`state state--${state}`}>{words.state[state]}</span>
      <span>
        <strong>{type}</strong> {broker} → {toBroker ?? toService}
        <span class="hint">
          {' '}
          {timeOfDay(since)} · {words.attempts(attempts)}
          {reason !== null && ` · ${reason}`}
          {lastError !== null && ` · ${lastError}`}
        </span>
      </span>
      <button class="button button--small" type="button" onClick={() => onReplay(messageId)}>
        {words.replay}
      </button>
      <details>
        <summary>{words.inspect}</summary>
        <pre class="figures" tabIndex={0}>
          {JSON.stringify(body, null, 2)}
        </pre>
      </details>
    </li>
  );
}
