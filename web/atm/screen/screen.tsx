import { useEffect, useRef } from 'preact/hooks';
import { announce } from '../../shared/ui/announcer.js';
import type { Machine } from '../machine/machine.js';
import { words } from '../words/words.js';
import { AmountScreen } from './amount-screen.js';
import { BalanceScreen } from './balance-screen.js';
import { DepositScreen } from './deposit-screen.js';
import { EndingScreen } from './ending-screen.js';
import { MenuScreen } from './menu-screen.js';
import { PinScreen } from './pin-screen.js';
import { StatementScreen } from './statement-screen.js';
import { TakeCardScreen, TakeCashScreen } from './take-screens.js';
import { TransferScreen } from './transfer-screen.js';
import { WorkingScreen } from './working-screen.js';
import './screen.css';

/** Of the element that takes the focus when a card goes in. */
export const SCREEN_ID = 'screen';

/** What is on the glass; each new screen is said aloud and takes the focus where a control of the last one had it. */
export function Screen({ machine }: { readonly machine: Machine }) {
  const { screen } = machine.state.value;
  const glass = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const title = glass.current?.querySelector('h1')?.textContent ?? '';
    announce(title);
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) glass.current?.focus({ preventScroll: true });
  }, [screen.kind]);
  return (
    <section
      id={SCREEN_ID}
      class="screen"
      aria-label={words.value.screen}
      tabIndex={-1}
      ref={glass}
      data-screen={screen.kind}
    >
      <Content machine={machine} />
    </section>
  );
}

function Content({ machine }: { readonly machine: Machine }) {
  const { screen } = machine.state.value;
  switch (screen.kind) {
    case 'idle':
      return <IdleScreen />;
    case 'pin':
      return <PinScreen machine={machine} triesLeft={screen.triesLeft} />;
    case 'working':
      return <WorkingScreen work={screen.work} />;
    case 'menu':
      return <MenuScreen machine={machine} />;
    case 'amount':
      return <AmountScreen machine={machine} screen={screen} />;
    case 'balance':
      return <BalanceScreen machine={machine} />;
    case 'statement':
      return <StatementScreen machine={machine} statement={screen.statement} />;
    case 'deposit':
      return <DepositScreen machine={machine} notes={screen.notes} />;
    case 'transfer-account':
    case 'transfer-amount':
      return <TransferScreen machine={machine} screen={screen} />;
    case 'take-card':
      return <TakeCardScreen machine={machine} hasCash={screen.next.notes.length > 0} />;
    case 'take-cash':
      return <TakeCashScreen machine={machine} ending={screen.next} />;
    case 'ending':
      return <EndingScreen machine={machine} ending={screen.ending} />;
  }
}

function IdleScreen() {
  const { idle } = words.value;
  return (
    <div class="screen__centre">
      <h1>{idle.title}</h1>
      <p class="screen__lead">{idle.text}</p>
    </div>
  );
}
