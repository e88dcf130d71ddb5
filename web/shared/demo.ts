/**
 * What the demo profile publishes (README, "demo data"): worthless, and unknown to every other profile. Pages offer it only where a
 * gateway says that its profile is `demo`.
 */
export const DEMO_PIN = '1234';

export const DEMO_OPERATOR_TOKEN = 'demo-operator';

export const DEMO_TERMINALS: readonly string[] = Array.from({ length: 8 }, (_, index) => `ATM-00${index + 1}`);

export const demoTerminalKey = (terminalId: string): string => `demo-key-${terminalId}`;

export type DemoCardKind = 'plain' | 'daily-limit' | 'nearly-empty' | 'blocked';

export interface DemoCard {
  readonly number: string;
  readonly accountId: string;
  readonly kind: DemoCardKind;
}

/** Cards worth trying, each for a reason of its own. */
export const DEMO_CARDS: readonly DemoCard[] = [
  demoCard(1, 'plain'),
  demoCard(2, 'plain'),
  demoCard(91, 'daily-limit'),
  demoCard(99, 'nearly-empty'),
  demoCard(100, 'blocked'),
];

function demoCard(index: number, kind: DemoCardKind): DemoCard {
  const digits = String(index).padStart(4, '0');
  return { number: `400000100000${digits}`, accountId: `ACC-${digits}`, kind };
}
