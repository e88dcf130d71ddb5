import { Controller, Get, Param, Query } from '@nestjs/common';
import { statementQuerySchema, type HostStatement } from '#contracts';
import { validate } from '#platform';
import { StatementReader } from './statement-reader.js';

@Controller('internal/accounts/:accountId/statement')
export class StatementController {
  constructor(private readonly statements: StatementReader) {}

  @Get()
  read(@Param('accountId') accountId: string, @Query() query: unknown): Promise<HostStatement> {
    return this.statements.read(accountId, validate(statementQuerySchema, query).limit);
  }
}
