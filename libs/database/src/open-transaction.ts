import type { PoolClient, QueryResultRow } from 'pg';
import { ask, hearWarning, inOneWrite, release, run } from './connection.js';
import type { SqlTransaction, Statement } from './database.js';
import { isConnectionFault, isReadOnlyFault, OutcomeUnknown } from './faults.js';

const ignore = () => undefined;

/**
 * One transaction on a pipelined connection: BEGIN leaves with the first statement, and what nobody waits for with the next one or with COMMIT,
 * in one packet. The server takes all of it in order; after one that fails it refuses the rest, so the first error is the one that tells.
 */
export class OpenTransaction implements SqlTransaction {
  private readonly tasks: (() => void)[] = [];
  private begun = false;
  /** Not sent yet. */
  private writes: { readonly statement: Statement; readonly values: readonly unknown[] }[] = [];
  /** Resolves once all that was sent is answered; rejects with its first error. */
  private sent: Promise<unknown> = Promise.resolve();

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const rows = this.sendWith(() => run<Row>(this.client, statement, values));
    const before = this.sent;
    this.expect(rows);
    await before;
    return rows;
  }

  write(statement: Statement, values: readonly unknown[] = []): void {
    this.writes.push({ statement, values });
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task);
  }

  /** Gives the connection back. Throws where nothing was committed, and `OutcomeUnknown` where nobody knows. */
  async commit(): Promise<void> {
    const { client } = this;
    const warning = hearWarning(client);
    const answer = this.sendWith(() => ask(client, 'COMMIT'));
    answer.catch(ignore);
    try {
      await this.sent;
      if ((await answer).command !== 'COMMIT') throw new Error('the transaction had failed before and was rolled back');
    } catch (error) {
      await answer.catch(ignore);
      release(client, error);
      throw isConnectionFault(error) ? new OutcomeUnknown(error) : error;
    } finally {
      warning.stop();
    }
    client.release();
    if (warning.heard !== null) throw new OutcomeUnknown(warning.heard);
    for (const task of this.tasks) task();
  }

  /** Gives the connection back; one whose ROLLBACK fails is in an unknown state and is closed instead. */
  async rollBack(fault: unknown): Promise<void> {
    const { client } = this;
    if (!this.begun || isConnectionFault(fault) || isReadOnlyFault(fault)) return release(client, fault);
    try {
      await ask(client, 'ROLLBACK');
      client.release();
    } catch (error) {
      client.release(error instanceof Error ? error : true);
    }
  }

  /** Sends what has waited until now, and then `last`. */
  private sendWith<Answer>(last: () => Promise<Answer>): Promise<Answer> {
    const { client, writes, begun } = this;
    this.writes = [];
    this.begun = true;
    return inOneWrite(client, () => {
      if (!begun) this.expect(ask(client, 'BEGIN'));
      for (const { statement, values } of writes) this.expect(run(client, statement, values));
      return last();
    });
  }

  private expect(answer: Promise<unknown>): void {
    answer.catch(ignore);
    this.sent = this.sent.then(() => answer);
    this.sent.catch(ignore);
  }
}
