import { type Command, InvalidArgumentError, Option } from 'commander';
import { Atm } from '../atm/atm.js';
import { NoAnswerError } from '../atm/attempt.js';
import type { DataFolder } from '../cluster/data-folder.js';
import { readRecord } from '../cluster/cluster-record.js';
import { Refusal } from '../refusal.js';
import { DEFAULT_PORT, dataOption, portNumber } from './options.js';
import { tellWithdrawal } from './withdrawal-story.js';

interface WithdrawOptions {
  readonly card: string;
  readonly pin: string;
  readonly terminal: string;
  readonly gateway?: readonly string[];
  readonly port?: number;
  readonly data: DataFolder;
}

export function addWithdraw(program: Command): void {
  program
    .command('withdraw')
    .argument('<amount>', 'in major units: 200, or 12.50', minorUnits)
    .description('take cash at a simulated ATM, each step told with the replica that served it')
    .option('--card <number>', 'the card', '4000001000000001')
    .option('--pin <pin>', 'its PIN', '1234')
    .option('--terminal <id>', 'the ATM', 'ATM-001')
    .addOption(new Option('--gateway <url...>', 'gateways to use, instead of those of the local cluster'))
    .addOption(new Option('--port <port>', 'port of the first gateway on this machine').argParser(portNumber))
    .addOption(dataOption())
    .action(withdraw);
}

async function withdraw(amount: number, options: WithdrawOptions): Promise<void> {
  const atm = new Atm({ gateways: gatewaysOf(options), terminalId: options.terminal });
  try {
    const dispensed = await tellWithdrawal(atm, { cardNumber: options.card, pin: options.pin, amount });
    if (!dispensed) process.exitCode = 1;
  } catch (error) {
    if (error instanceof NoAnswerError) throw new Refusal(`${error.message}; does the cluster run? \`up\` starts one`);
    throw error;
  } finally {
    await atm.close();
  }
}

function gatewaysOf({ gateway, port, data }: WithdrawOptions): readonly string[] {
  if (gateway !== undefined) return gateway.map(originOf);
  const local = (first: number) => [first, first + 1].map((one) => `http://127.0.0.1:${one}`);
  if (port !== undefined) return local(port);
  const recorded = (readRecord(data.record)?.members ?? []).filter(({ section }) => section === 'gateways');
  return recorded.length > 0 ? recorded.map(({ url }) => url) : local(DEFAULT_PORT);
}

function originOf(given: string): string {
  if (!URL.canParse(given))
    throw new Refusal(`${given} is not the address of a gateway; it looks like http://host:8080`);
  return new URL(given).origin;
}

/** "200" → 20000. Digits are moved, never multiplied, so that nothing is rounded. */
function minorUnits(given: string): number {
  const [, major, fraction = ''] = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(given) ?? [];
  if (major === undefined) throw new InvalidArgumentError('It must be an amount such as 200 or 12.50.');
  return Number(`${major}${fraction.padEnd(2, '0')}`);
}
