import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common';
import type { Logger } from 'pino';
import {
  authorisationsSchema,
  type Authorisation,
  type AuthorisationResult,
  type AuthorisationResults,
} from '#contracts';
import { validate } from '#platform';
import { isTraceparent, TRACE_CONTEXT } from '#tracing';
import { LOGGER } from '../logger.js';
import { AuthoriseWithdrawals } from './authorise-withdrawals.js';

@Controller('internal/authorisations')
export class AuthoriseController {
  constructor(
    private readonly withdrawals: AuthoriseWithdrawals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** One that fails leaves the others alone. */
  @Post()
  @HttpCode(200)
  async authorise(@Body() body: unknown): Promise<AuthorisationResults> {
    const { authorisations } = validate(authorisationsSchema, body);
    const results = authorisations.map(({ authorisation, traceparent }) =>
      TRACE_CONTEXT.run(isTraceparent(traceparent) ? traceparent : undefined, () => this.authoriseOne(authorisation)),
    );
    return { results: await Promise.all(results) };
  }

  private async authoriseOne(authorisation: Authorisation): Promise<AuthorisationResult | null> {
    const { withdrawalId } = authorisation;
    try {
      const result = await this.withdrawals.authorise(authorisation);
      this.logger.debug({ withdrawalId }, 'authorisation answered');
      return result;
    } catch (error) {
      this.logger.error({ err: error, withdrawalId }, 'nothing can be said of an authorisation');
      return null;
    }
  }
}
