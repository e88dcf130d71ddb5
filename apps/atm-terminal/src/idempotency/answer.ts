import type { FastifyReply } from 'fastify';
import { HEADER, PROBLEMS, type ProblemKind } from '#contracts';
import { Problem, type HttpAnswer } from '#platform';

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

/** The answer as it is sent; refusals are thrown, for whoever renders all problems. */
export function rendered({ status, body }: Answer, replayed: boolean): HttpAnswer {
  const mark: Record<string, string> = replayed ? { [HEADER.idempotencyReplayed]: 'true' } : {};
  if (status >= 400) {
    const { kind, detail, ...members } = body as { kind: ProblemKind; detail: string };
    throw new Problem(kind, detail, members, undefined, mark);
  }
  const headers = { 'content-type': 'application/json; charset=utf-8', ...mark };
  return { status, headers, body: JSON.stringify(body) };
}

/** Sends the answer; refusals are thrown, for the filter that renders all problems. */
export function sendAnswer(reply: FastifyReply, answer: Answer, replayed: boolean): void {
  const { status, headers, body } = rendered(answer, replayed);
  void reply.status(status).headers(headers).send(body);
}
