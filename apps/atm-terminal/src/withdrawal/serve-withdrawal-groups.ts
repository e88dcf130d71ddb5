import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { WITHDRAWAL_GROUPS_PATH } from '#contracts';
import { Problem, serveGroups } from '#platform';
import { callerOf } from '../http/caller.js';
import { rendered } from '../idempotency/answer.js';
import type { WithdrawalSelection } from './withdrawal-selection.js';

const SELECTION_PATH = /^\/v1\/sessions\/([^/?]+)\/withdrawals(\?|$)/;

/** Takes selections of withdrawals that a gateway sends together. */
export function serveWithdrawalGroups(fastify: FastifyInstance, selection: WithdrawalSelection, logger: Logger): void {
  serveGroups(fastify, {
    path: WITHDRAWAL_GROUPS_PATH,
    logger,
    answer: async ({ path, headers, body }) => {
      const sessionId = SELECTION_PATH.exec(path)?.[1];
      if (sessionId === undefined) throw new Problem('not-found', 'There is no such call.');
      const { answer, replayed } = await selection.answer(sessionId, callerOf({ headers }), body);
      return rendered(answer, replayed);
    },
  });
}
