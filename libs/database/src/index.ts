export { Database } from './database.js';
export type { DatabaseStatus, SqlTransaction, Statement, TransactionRunner } from './database.js';
export { DatabaseUnavailable, isConnectionFault, isRetryable, OutcomeUnknown } from './faults.js';
export { GroupCommit, REQUEST_GROUPS } from './group-commit.js';
export type { GroupCommitOptions } from './group-commit.js';
export { FREE_PLANS, KEYED_PLANS } from './plans.js';
export { parseDatabaseUrl } from './servers/database-url.js';
export { poolConfigOf } from './servers/pool-config.js';
export type { Primary, ServerStatus } from './servers/primary.js';
