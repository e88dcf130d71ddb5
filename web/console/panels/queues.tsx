import { number } from '../../shared/i18n/format.js';
import { traffic } from '../feed/live.js';
import { consoleWords } from '../words/words.js';
import { Panel } from './panel.js';

/** Transmission queues, what the inboxes absorb, and who reads. */
export function Queues() {
  const words = consoleWords.value.queues;
  const now = traffic.value;
  const readersOf = (broker: string) =>
    now?.replicas.filter((one) => one.broker === broker).reduce((sum, { readers }) => sum + readers, 0) ?? 0;
  return (
    <Panel id="queues" heading={words.heading}>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="queues">
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">{words.queued}</th>
              <th scope="col">{words.oldest}</th>
              <th scope="col">{words.parked}</th>
              <th scope="col">{words.readers}</th>
            </tr>
          </thead>
          <tbody>
            {now?.brokers.map(({ name, unanswered, oldestUnansweredSeconds, parked }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td class="figures">{number(unanswered)}</td>
                <td class="figures">{words.seconds(number(oldestUnansweredSeconds, 1))}</td>
                <td class="figures">{number(parked)}</td>
                <td class="figures">{number(readersOf(name))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {words.duplicates}: <strong class="figures">{number(now?.duplicatesAbsorbed ?? 0)}</strong>
      </p>
    </Panel>
  );
}
