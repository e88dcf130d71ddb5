/**
 * What an error says of the transaction, or the statement outside one, in which it came:
 *
 * | error                                                           | before COMMIT was sent | answering COMMIT, or a lone statement |
 * | --------------------------------------------------------------- | ---------------------- | ------------------------------------- |
 * | 40001, 40P01, 55P03: ended for the sake of others               | no trace               | no trace                              |
 * | 25006: the server is a standby, or has become one               | no trace               | no trace                              |
 * | connection lost: 08xxx, 25P03, 57P01–57P05, socket errors, no code | no trace               | unknown                               |
 * | no connection made: the same, ECONNREFUSED, 57P03, 53300        | no trace               | –                                     |
 * | any other answer with a SQLSTATE                                | no trace, a fault of the work itself: not repeated             ||
 *
 * PostgreSQL rolls back whatever it was not asked to commit when its connection ends. One that ends after COMMIT was sent may have
 * committed; a primary that was ended while it waited for its standby has, and loses that again if the standby takes over.
 */
const RETRYABLE_SQLSTATES: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available: the transaction itself chose not to wait (NOWAIT), so as not to deadlock
]);

/** read_only_sql_transaction: what a write on a standby is answered with. */
const READ_ONLY_SQLSTATE = '25006';

/** Connection exception; idle for too long in a transaction; operator intervention (shutdown, crash, not yet ready); too_many_connections. */
const CONNECTION_SQLSTATE = /^(08...|25P03|57P0[1-5]|53300)$/;

const SOCKET_FAULTS: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
  ...['ENOTFOUND', 'EAI_AGAIN'],
]);

/** node-postgres gives these no code. */
const NODE_POSTGRES_FAULT =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout (expired|exceeded)|Query read timeout)/;

/**
 * There is no database to work with, and waiting for one has not helped. Nothing of the transaction was done: it may be repeated,
 * whatever it is.
 */
export class DatabaseUnavailable extends Error {
  constructor(cause: unknown) {
    super('the database is away', { cause });
  }
}

/** The connection was lost before COMMIT, or a statement outside a transaction, was answered. Repeat it only where that may be done twice. */
export class OutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('the connection to the database was lost before the answer came; nobody knows whether it was done', {
      cause,
    });
  }
}

/** Whether `error` is PostgreSQL's word that the transaction left no trace and may be run again at once. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE_SQLSTATES.has(codeOf(error));
}

/** Whether `error` says that the server takes no writes: nothing was done. */
export function isReadOnlyFault(error: unknown): boolean {
  return codeOf(error) === READ_ONLY_SQLSTATE;
}

/** Whether `error` speaks of the connection or the server and not of the work. */
export function isConnectionFault(error: unknown): boolean {
  if (error instanceof DatabaseUnavailable || error instanceof OutcomeUnknown) return true;
  const code = codeOf(error);
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return CONNECTION_SQLSTATE.test(code) || SOCKET_FAULTS.has(code) || NODE_POSTGRES_FAULT.test(String(message));
}

const codeOf = (error: unknown): string => String((error as { readonly code?: unknown } | null)?.code);
