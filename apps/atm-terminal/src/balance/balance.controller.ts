import { Controller, Get, Param, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { BalanceBody, Balances } from '#contracts';
import { minorUnits, toNumber } from '#money';
import { AccountHost } from '../host/account-host.js';
import { hostUnavailable } from '../host/host-unavailable.js';
import { callerOf } from '../http/caller.js';
import { SessionAccess } from '../session/session-access.js';
import { CachedBalances } from './cached-balances.js';

/** The host's balance; where it is out of reach, the last one that it told, with its time. */
@Controller('/v1/sessions/:sessionId/balance')
export class BalanceController {
  constructor(
    private readonly host: AccountHost,
    private readonly balances: CachedBalances,
    private readonly access: SessionAccess,
  ) {}

  @Get()
  async read(@Param('sessionId') sessionId: string, @Req() request: FastifyRequest): Promise<BalanceBody> {
    const { broker, accountId } = await this.access.named(sessionId, callerOf(request));
    const answer = await this.host.balances(broker, accountId);
    if (answer.reached) {
      await this.balances.put([answer.value]);
      return bodyOf(answer.value, 'host');
    }
    const cached = await this.balances.find(accountId);
    if (cached === null) throw hostUnavailable('The balance is not known right now.');
    return bodyOf(cached, 'cache');
  }
}

function bodyOf(balances: Balances, source: BalanceBody['source']): BalanceBody {
  const { accountId, ledger, held, available, currency, asOf } = balances;
  const number = (amount: string) => toNumber(minorUnits(amount));
  return {
    accountId,
    ledger: number(ledger),
    held: number(held),
    available: number(available),
    currency,
    asOf,
    source,
  };
}
