import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { authorisationSchema, type AuthorisationResult } from '#contracts';
import { validate } from '#platform';
import { AuthoriseWithdrawals } from './authorise-withdrawals.js';

@Controller('internal/authorisations')
export class AuthoriseController {
  constructor(private readonly withdrawals: AuthoriseWithdrawals) {}

  @Post()
  @HttpCode(200)
  authorise(@Body() body: unknown): Promise<AuthorisationResult> {
    return this.withdrawals.authorise(validate(authorisationSchema, body));
  }
}
