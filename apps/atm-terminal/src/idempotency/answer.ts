import type { FastifyReply } from 'fastify';
import { HEADER, PROBLEMS, type ProblemKind } from '#contracts';
import { Problem } from '#platform';

/** What a call is answered with, as it is kept for repeats: a success, or a refusal that a repeat would meet again. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Refusals that say nothing about the next attempt are not answers to keep. */
const PASSING: readonly ProblemKind[] = ['unauthenticated', 'too-many-requests', 'internal', 'unavailable'];

export function isFinal(problem: Problem): boolean {
  return !PASSING.includes(problem.kind);
}

export function answerOf(problem: Problem): Answer {
  return {
    status: PROBLEMS[problem.kind].status,
    body: { kind: problem.kind, detail: problem.message, ...problem.members },
  };
}

/** Sends the answer; refusals are thrown, for the filter that renders all problems. */
export function sendAnswer(reply: FastifyReply, answer: Answer, replayed: boolean): void {
  if (replayed) void reply.header(HEADER.idempotencyReplayed, 'true');
  if (answer.status >= 400) {
    const { kind, detail, ...members } = answer.body as { kind: ProblemKind; detail: string };
    throw new Problem(kind, detail, members);
  }
  void reply.status(answer.status).send(answer.body);
}
