import { Controller, Get, Param } from '@nestjs/common';
import type { HostTrail } from '#contracts';
import { Database, type Statement } from '#database';

/** `decided_at` moves with the state: of the hold first, then of the advice that resolved it. */
const READ: Statement = {
  name: 'read-withdrawal-trail',
  text: /* sql */ `
    SELECT state, response_code, decided_at FROM authorisation WHERE withdrawal_id = $1::uuid`,
};

interface Row extends Record<string, unknown> {
  readonly state: string;
  readonly response_code: string | null;
  readonly decided_at: Date;
}

/** For the gateways, which put the trail of a withdrawal together: what this broker has committed about it. */
@Controller('internal/withdrawals/:withdrawalId/trail')
export class TrailController {
  constructor(private readonly database: Database) {}

  @Get()
  async read(@Param('withdrawalId') withdrawalId: string): Promise<HostTrail> {
    const [row] = await this.database.query<Row>(READ, [withdrawalId]);
    if (row === undefined) return { steps: [] };
    const resolved = row.state !== 'held' && row.state !== 'declined';
    const kind = resolved ? 'posted' : 'authorised';
    const detail = resolved ? row.state : row.response_code;
    return { steps: [{ at: row.decided_at.toISOString(), kind, replica: null, mti: null, detail }] };
  }
}
