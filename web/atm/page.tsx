import { signal } from '@preact/signals';
import { useMemo, useState } from 'preact/hooks';
import type { GatewaysBody } from '#contracts';
import { GatewayClient } from '../shared/api/gateway-client.js';
import { DEMO_TERMINALS, demoTerminalKey } from '../shared/demo.js';
import { PageHeader } from '../shared/ui/page-header.js';
import { CallLog } from './glass/call-log.js';
import { Glass } from './glass/glass.js';
import { Keypad } from './hardware/keypad.js';
import { Receipt } from './hardware/receipt.js';
import { CardSlot, CashSlot } from './hardware/slots.js';
import { useKeyboard } from './hardware/use-keyboard.js';
import { Bank } from './machine/bank.js';
import { Machine } from './machine/machine.js';
import { Screen } from './screen/screen.js';
import { TerminalKeyForm } from './terminal-key.js';
import { CardReader, Wallet } from './wallet.js';
import { words } from './words/words.js';
import './page.css';

/** Wide enough to show the glass beside the machine. */
const glassOpen = signal(matchMedia('(width >= 72rem)').matches);

/** On a phone the keypad is only shown with these. */
const TAKES_DIGITS: ReadonlySet<string> = new Set(['pin', 'amount', 'transfer-account', 'transfer-amount']);

interface Terminal {
  readonly terminalId: string;
  readonly key: string;
}

const demoTerminal = (terminalId: string): Terminal => ({ terminalId, key: demoTerminalKey(terminalId) });

/** The whole page: which terminal it is, and the machine. */
export function AtmPage({ cluster }: { readonly cluster: GatewaysBody }) {
  const isDemo = cluster.profile === 'demo';
  const wanted = new URLSearchParams(location.search).get('terminal');
  const first = DEMO_TERMINALS.find((one) => one === wanted) ?? DEMO_TERMINALS[0] ?? '';
  const [terminal, setTerminal] = useState<Terminal | null>(isDemo ? demoTerminal(first) : null);
  return (
    <>
      <PageHeader page="atm" />
      {terminal === null ? (
        <TerminalKeyForm start={(terminalId, key) => setTerminal({ terminalId, key })} />
      ) : (
        <AtmMachine
          key={terminal.terminalId}
          terminal={terminal}
          cluster={cluster}
          change={(terminalId) => setTerminal(demoTerminal(terminalId))}
        />
      )}
    </>
  );
}

interface MachineProps {
  readonly terminal: Terminal;
  readonly cluster: GatewaysBody;
  readonly change: (terminalId: string) => void;
}

function AtmMachine({ terminal, cluster, change }: MachineProps) {
  const { machine, log } = useMemo(() => {
    const calls = new CallLog();
    const client = new GatewayClient({ origins: cluster.gateways, observe: calls.observe });
    const bank = new Bank(client, terminal.terminalId, terminal.key);
    return {
      machine: new Machine(bank, { isWatched: () => glassOpen.value, onVisit: () => calls.clear() }),
      log: calls,
    };
  }, [terminal, cluster]);
  useKeyboard(machine);
  const isDemo = cluster.profile === 'demo';
  return (
    <main id="content" class="atm" data-glass={glassOpen.value}>
      <div class="atm__place" data-card={machine.state.value.screen.kind === 'idle' ? 'none' : 'in'}>
        <div class="machine" data-keys={TAKES_DIGITS.has(machine.state.value.screen.kind) ? 'needed' : 'idle'}>
          <Fascia terminalId={terminal.terminalId} change={isDemo ? change : null} machine={machine} />
          <Screen machine={machine} />
          <div class="machine__side">
            <CardSlot machine={machine} />
            <Keypad machine={machine} />
          </div>
          <div class="machine__foot">
            <CashSlot machine={machine} />
          </div>
          <Receipt state={machine.state.value} />
        </div>
        {isDemo ? <Wallet machine={machine} /> : <CardReader machine={machine} />}
      </div>
      <Glass machine={machine} log={log} open={glassOpen} />
    </main>
  );
}

interface FasciaProps {
  readonly terminalId: string;
  /** Null where the terminal is fixed. */
  readonly change: ((terminalId: string) => void) | null;
  readonly machine: Machine;
}

function Fascia({ terminalId, change, machine }: FasciaProps) {
  const { terminal, inService } = words.value;
  return (
    <header class="fascia">
      <span class="fascia__bank">CASHPOINT</span>
      {change === null ? (
        <span class="fascia__terminal">{terminalId}</span>
      ) : (
        <select
          class="fascia__terminal"
          aria-label={terminal}
          value={terminalId}
          disabled={machine.state.value.screen.kind !== 'idle'}
          onChange={({ currentTarget }) => change(currentTarget.value)}
        >
          {DEMO_TERMINALS.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
      <span class="fascia__lamp">{inService}</span>
    </header>
  );
}
