import type { PoolClient, QueryResult, QueryResultRow } from 'pg';
import { sendAll, type Call } from './batch.js';
import { ask, hearWarning, release } from './connection.js';
import type { SqlTransaction, Statement } from './database.js';
import { isConnectionFault, isReadOnlyFault, OutcomeUnknown } from './faults.js';

const BEGIN: Statement = { name: 'begin', text: 'BEGIN' };
const COMMIT: Statement = { name: 'commit', text: 'COMMIT' };

/**
 * One transaction on a pipelined connection: BEGIN leaves with the first statement, and what nobody waits for with the next one or with COMMIT.
 * Whatever is asked for in one turn of the event loop leaves together. The first error is the one that tells.
 */
export class OpenTransaction implements SqlTransaction {
  private readonly tasks: (() => void)[] = [];
  /** Not sent yet. */
  private calls: Call[] = [{ statement: BEGIN, values: [] }];
  /** Of all calls that are not sent yet, once somebody waits for one of them. */
  private next: Promise<QueryResult[]> | null = null;
  /** Resolves once all that was sent is answered; rejects with its first error. */
  private sent: Promise<QueryResult[]> | null = null;

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    const position = this.calls.length;
    this.write(statement, values);
    try {
      const result = (await this.send())[position] as QueryResult<Row>;
      return result.rows;
    } catch (error) {
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  }

  write(statement: Statement, values: readonly unknown[] = []): void {
    this.calls.push({ statement, values });
  }

  afterCommit(task: () => void): void {
    this.tasks.push(task);
  }

  /** Gives the connection back. Throws where nothing was committed, and `OutcomeUnknown` where nobody knows. */
  async commit(): Promise<void> {
    const { client } = this;
    const warning = hearWarning(client);
    try {
      this.write(COMMIT);
      const answer = (await this.send()).at(-1);
      if (answer?.command !== 'COMMIT') throw new Error('the transaction had failed before and was rolled back');
    } catch (error) {
      await this.rollBack(error);
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
    await this.next?.catch(() => undefined);
    if (this.sent === null || isConnectionFault(fault) || isReadOnlyFault(fault)) return release(client, fault);
    try {
      await ask(client, 'ROLLBACK');
      client.release();
    } catch (error) {
      client.release(error instanceof Error ? error : true);
    }
  }

  /** Once all have spoken whom the last answer has woken. */
  private send(): Promise<QueryResult[]> {
    this.next ??= Promise.resolve().then(() => this.sendNow());
    return this.next;
  }

  private sendNow(): Promise<QueryResult[]> {
    const { client, calls, sent } = this;
    this.calls = [];
    this.next = null;
    const answered = sendAll(client, calls);
    answered.catch(() => undefined);
    this.sent = sent === null ? answered : sent.then(() => answered);
    return this.sent;
  }
}
