import { Injectable } from '@nestjs/common';
import { hostMoneySchema, terminalMoneySchema, type MoneyEvent } from '#contracts';
import { Brokers, TERMINAL } from '../brokers.js';

/** Where the money is, as the broker instances say themselves. */
@Injectable()
export class Money {
  constructor(private readonly brokers: Brokers) {}

  async read(): Promise<Omit<MoneyEvent, 'at'>> {
    const question = { method: 'GET', path: '/internal/money' } as const;
    const accounts = this.brokers.names().filter((name) => name !== TERMINAL);
    const [terminal, ...hosts] = await Promise.all([
      this.brokers.ask(TERMINAL, terminalMoneySchema, question),
      ...accounts.map((broker) => this.brokers.ask(broker, hostMoneySchema, question)),
    ]);
    // A sum without one of its parts would be another sum.
    const over = (amounts: readonly (string | undefined)[]) =>
      amounts.some((amount) => amount === undefined)
        ? null
        : Number(amounts.reduce((total, amount) => total + BigInt(amount ?? 0), 0n));
    return {
      ledger: over(hosts.map((host) => host?.ledger)),
      customers: over(hosts.map((host) => host?.customers)),
      held: over(hosts.map((host) => host?.held)),
      cash: over([terminal?.cash]),
      suspense: over([terminal?.suspense]),
      inFlight: over([terminal?.inFlight]),
    };
  }
}
