import { Inject, Injectable } from '@nestjs/common';
import { Database, GroupCommit, REQUEST_GROUPS, RowSet, type Statement } from '#database';
import type { Notes } from '#money';
import { FAULT_POINTS, type FaultPoints } from '#platform';
import { Dispenser, type DispenseCommand, type DispenseOutcome } from './dispenser.js';
import { simulatedOutcome } from './simulated-outcome.js';

interface Row extends Record<string, unknown> {
  readonly withdrawal_id: string;
  readonly outcome: DispenseOutcome['outcome'];
  readonly taken: Notes[];
  readonly rejected: Notes[];
  readonly retracted: Notes[];
}

const RECORDS = new RowSet({
  ...{ withdrawalId: 'uuid', terminalId: 'text', outcome: 'text', notes: 'jsonb' },
  ...{ taken: 'jsonb', rejected: 'jsonb', retracted: 'jsonb' },
});

/** The first record of an id stays. A row that another replica is just writing is waited for. */
const RECORD: Statement = {
  name: 'dispenser-record',
  text: `INSERT INTO dispenser.record (withdrawal_id, terminal_id, outcome, notes, taken, rejected, retracted)
         SELECT * FROM ${RECORDS.from('$1')} AS g ORDER BY "withdrawalId"
         ON CONFLICT DO NOTHING
         RETURNING withdrawal_id, outcome, taken, rejected, retracted`,
};

const READ: Statement = {
  name: 'dispenser-read',
  text: `SELECT withdrawal_id, outcome, taken, rejected, retracted FROM dispenser.record WHERE withdrawal_id = ANY($1::uuid[])`,
};

interface Attempt {
  readonly command: DispenseCommand;
  readonly outcome: DispenseOutcome;
}

/** A dispenser without a machine: its memory is the table `dispenser.record`, its mishaps come from the fault point `dispenser.outcome`. */
@Injectable()
export class SimulatedDispenser extends Dispenser {
  private readonly records: GroupCommit<Attempt, DispenseOutcome>;

  constructor(
    private readonly database: Database,
    @Inject(FAULT_POINTS) private readonly faults: FaultPoints,
  ) {
    super();
    this.records = new GroupCommit({ run: (attempts) => this.record(attempts), ...REQUEST_GROUPS });
  }

  override async dispense(command: DispenseCommand): Promise<DispenseOutcome> {
    const outcome = simulatedOutcome(command.notes, await this.faults.reach('dispenser.outcome'));
    return this.records.submit({ command, outcome });
  }

  override async void(command: DispenseCommand): Promise<DispenseOutcome> {
    return this.records.submit({ command, outcome: { outcome: 'voided' } });
  }

  private async record(attempts: Attempt[]): Promise<DispenseOutcome[]> {
    const known = new Map<string, Row>();
    const add = (rows: Row[]) => rows.forEach((row) => known.set(row.withdrawal_id, row));
    add(await this.database.query<Row>(RECORD, [RECORDS.valueOf(attempts.map(asRow))]));
    const earlier = attempts.map(({ command }) => command.withdrawalId).filter((id) => !known.has(id));
    if (earlier.length > 0) add(await this.database.query<Row>(READ, [earlier]));
    return attempts.map(({ command }) => outcomeOf(known.get(command.withdrawalId)));
  }
}

function asRow({ command, outcome }: Attempt) {
  const moved = 'taken' in outcome ? outcome : { taken: [], rejected: [], retracted: [] };
  return {
    ...command,
    outcome: outcome.outcome,
    taken: moved.taken,
    rejected: moved.rejected,
    retracted: moved.retracted,
  };
}

function outcomeOf(row: Row | undefined): DispenseOutcome {
  if (row === undefined) throw new Error('the dispenser has lost a record');
  const { outcome, taken, rejected, retracted } = row;
  return outcome === 'unknown' || outcome === 'voided' ? { outcome } : { outcome, taken, rejected, retracted };
}
