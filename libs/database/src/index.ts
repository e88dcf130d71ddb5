export { Database } from './database.js';
export type { SqlTransaction, Statement, TransactionRunner } from './database.js';
export { GroupCommit } from './group-commit.js';
export type { GroupCommitOptions } from './group-commit.js';
export { isRetryable } from './retryable.js';
export { FREE_PLANS, KEYED_PLANS } from './plans.js';
