import type { z } from 'zod';
import { gatewaysSchema } from './gateways.js';
import { operatorEventSchema } from './events.js';
import * as messages from './messages.js';
import * as request from './requests.js';
import * as response from './responses.js';
import { trailSchema } from './trail.js';

/** Who may make a call. `public` calls are exactly those marked so here. */
export type Access = 'public' | 'terminal' | 'cardholder' | 'operator';

/** One call of the public HTTP contract: what the gateway routes by and what the OpenAPI document is made from. */
export interface HttpCall {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with `{parameters}`, as in OpenAPI. */
  readonly path: string;
  readonly access: Access;
  /** The app whose replicas serve it; `gateway` answers by itself. */
  readonly servedBy: 'gateway' | 'atm-terminal' | 'account';
  readonly summary: string;
  readonly body?: z.ZodType;
  readonly query?: z.ZodObject;
  /** A `stream` is of server-sent events, each with data of the schema. */
  readonly success: { readonly status: 200 | 201 | 204; readonly schema?: z.ZodType; readonly stream?: true };
  /** Statuses of the refusals that this call can answer with, beside those that its access implies. */
  readonly refusals: readonly number[];
}

/** What can be done to a process; the same again changes nothing. */
const MEMBER_ACTIONS = [
  ['kill', 'Kill a process; it stays down (without a supervisor: its own environment starts it again)'],
  ['pause', 'Freeze a process: it is there, and does not answer'],
  ['resume', 'Let a frozen process go on'],
  ['start', 'Bring back a process that was killed or frozen; answered when it is ready'],
] as const;

const memberCall = ([action, summary]: (typeof MEMBER_ACTIONS)[number]): HttpCall => ({
  name: `${action}Member`,
  method: 'POST',
  path: `/v1/operator/members/{member}/${action}`,
  access: 'operator',
  servedBy: 'gateway',
  summary: `${summary}. Demo profile only, else 404; 501 where the cluster has no local supervisor`,
  success: { status: 204 },
  refusals: [404, 409, 501, 503],
});

export const HTTP_CALLS: readonly HttpCall[] = [
  {
    name: 'readGateways',
    method: 'GET',
    path: '/v1/gateways',
    access: 'public',
    servedBy: 'gateway',
    summary: 'All gateways, so that a page can move on when its own one dies; open to everybody',
    success: { status: 200, schema: gatewaysSchema },
    refusals: [],
  },
  {
    name: 'openSession',
    method: 'POST',
    path: '/v1/sessions',
    access: 'terminal',
    servedBy: 'atm-terminal',
    summary: 'Insert a card and enter its PIN',
    body: request.openSessionSchema,
    success: { status: 201, schema: response.sessionSchema },
    refusals: [400, 403, 413, 415, 422, 429, 503],
  },
  {
    name: 'closeSession',
    method: 'DELETE',
    path: '/v1/sessions/{sessionId}',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'End the session; the card is returned',
    success: { status: 204 },
    refusals: [404],
  },
  {
    name: 'readBalance',
    method: 'GET',
    path: '/v1/sessions/{sessionId}/balance',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Balance from the host, or the last known one where the host is out of reach',
    success: { status: 200, schema: response.balanceSchema },
    refusals: [404, 503],
  },
  {
    name: 'selectWithdrawal',
    method: 'POST',
    path: '/v1/sessions/{sessionId}/withdrawals',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Select a withdrawal; with an amount, take the cash at once',
    body: request.selectWithdrawalSchema,
    success: { status: 201, schema: response.withdrawalSchema },
    refusals: [400, 404, 413, 415, 422, 429, 503],
  },
  {
    name: 'enterAmount',
    method: 'PUT',
    path: '/v1/withdrawals/{withdrawalId}/amount',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Enter the amount: authorised, dispensed, or declined',
    body: request.enterAmountSchema,
    success: { status: 200, schema: response.withdrawalSchema },
    refusals: [400, 404, 409, 413, 415, 422, 429, 503],
  },
  {
    name: 'readWithdrawal',
    method: 'GET',
    path: '/v1/withdrawals/{withdrawalId}',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'How a withdrawal stands',
    success: { status: 200, schema: response.withdrawalSchema },
    refusals: [404],
  },
  {
    name: 'readTrail',
    method: 'GET',
    path: '/v1/withdrawals/{withdrawalId}/trail',
    access: 'cardholder',
    servedBy: 'gateway',
    summary: 'What happened to a withdrawal, step by step, and which replicas did it',
    success: { status: 200, schema: trailSchema },
    refusals: [404, 503],
  },
  {
    name: 'readNotes',
    method: 'GET',
    path: '/v1/sessions/{sessionId}/notes',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'The notes that the terminal can give now, no more than one withdrawal can have of each',
    success: { status: 200, schema: response.reachableNotesSchema },
    refusals: [404],
  },
  {
    name: 'deposit',
    method: 'POST',
    path: '/v1/sessions/{sessionId}/deposits',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Put notes in',
    body: request.depositSchema,
    success: { status: 201, schema: response.depositReceiptSchema },
    refusals: [400, 404, 413, 415, 422, 429, 503],
  },
  {
    name: 'transfer',
    method: 'POST',
    path: '/v1/sessions/{sessionId}/transfers',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Move money to another account (200 with state declined where the balance does not allow it)',
    body: request.transferSchema,
    success: { status: 201, schema: response.transferReceiptSchema },
    refusals: [400, 404, 413, 415, 422, 429, 503],
  },
  {
    name: 'readStatement',
    method: 'GET',
    path: '/v1/sessions/{sessionId}/statement',
    access: 'cardholder',
    servedBy: 'atm-terminal',
    summary: 'Recent entries of the account, newest first',
    query: request.statementQuerySchema,
    success: { status: 200, schema: response.statementSchema },
    refusals: [400, 404, 503],
  },
  {
    name: 'readCluster',
    method: 'GET',
    path: '/v1/operator/cluster',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Everything that runs: gateways, replicas, brokers, channels, databases',
    success: { status: 200, schema: response.clusterSchema },
    refusals: [],
  },
  {
    name: 'watchCluster',
    method: 'GET',
    path: '/v1/operator/events',
    access: 'operator',
    servedBy: 'gateway',
    summary:
      'The same as it changes: server-sent events `cluster`, `notice`, `traffic` and `money`; `Last-Event-ID` goes on where it broke off',
    success: { status: 200, schema: operatorEventSchema, stream: true },
    refusals: [503],
  },
  {
    name: 'readTrailAsOperator',
    method: 'GET',
    path: '/v1/operator/withdrawals/{withdrawalId}/trail',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'What happened to any withdrawal, step by step, and which replicas did it',
    success: { status: 200, schema: trailSchema },
    refusals: [404, 503],
  },
  {
    name: 'readMessages',
    method: 'GET',
    path: '/v1/operator/messages',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Messages that wait: queued at their source, parked or dead at their target',
    query: messages.messagesQuerySchema,
    success: { status: 200, schema: messages.messagesSchema },
    refusals: [400],
  },
  {
    name: 'replayMessage',
    method: 'POST',
    path: '/v1/operator/messages/{messageId}/replay',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Try a message again now: a dead or failed one at its target, else a queued one from its source',
    success: { status: 200, schema: messages.replaySchema },
    refusals: [404, 409, 503],
  },
  {
    name: 'readRoutes',
    method: 'GET',
    path: '/v1/operator/routes',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'The routes of every broker instance',
    success: { status: 200, schema: messages.routesSchema },
    refusals: [503],
  },
  {
    name: 'replaceRoutes',
    method: 'PUT',
    path: '/v1/operator/routes',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Replace the routes of every broker instance; running dialogs stay where they are',
    body: messages.routesSchema,
    success: { status: 200, schema: messages.routesSchema },
    refusals: [400, 413, 415, 422, 503],
  },
  {
    name: 'readAudit',
    method: 'GET',
    path: '/v1/operator/audit',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Every invariant of the money, checked now',
    success: { status: 200, schema: response.auditSchema },
    refusals: [503],
  },
  {
    name: 'readWithdrawals',
    method: 'GET',
    path: '/v1/operator/withdrawals',
    access: 'operator',
    servedBy: 'atm-terminal',
    summary: 'Withdrawals of all terminals, those that moved last first',
    query: request.withdrawalsQuerySchema,
    success: { status: 200, schema: response.operatorWithdrawalsSchema },
    refusals: [400],
  },
  {
    name: 'readTerminal',
    method: 'GET',
    path: '/v1/operator/terminals/{terminalId}',
    access: 'operator',
    servedBy: 'atm-terminal',
    summary: 'Cassettes, totals and business date of a terminal',
    success: { status: 200, schema: response.terminalSchema },
    refusals: [404],
  },
  {
    name: 'replenishTerminal',
    method: 'POST',
    path: '/v1/operator/terminals/{terminalId}/replenish',
    access: 'operator',
    servedBy: 'atm-terminal',
    summary: 'Load notes into the cassettes',
    body: request.replenishSchema,
    success: { status: 200, schema: response.terminalSchema },
    refusals: [400, 404, 413, 415, 422],
  },
  {
    name: 'readAccount',
    method: 'GET',
    path: '/v1/operator/accounts/{accountId}',
    access: 'operator',
    servedBy: 'account',
    summary: 'Balances and recent entries of an account',
    success: { status: 200, schema: response.operatorAccountSchema },
    refusals: [404, 503],
  },
  ...MEMBER_ACTIONS.map(memberCall),
  {
    name: 'scale',
    method: 'POST',
    path: '/v1/operator/scale',
    access: 'operator',
    servedBy: 'gateway',
    summary:
      'Change the number of replicas. Demo profile only, else 404; 501 where the cluster has no local supervisor',
    body: request.scaleSchema,
    success: { status: 204 },
    refusals: [400, 404, 409, 413, 415, 501, 503],
  },
  {
    name: 'armFault',
    method: 'POST',
    path: '/v1/operator/faults',
    access: 'operator',
    servedBy: 'gateway',
    summary: 'Arm a named fault point in one replica (demo profile only, else 404)',
    body: request.armFaultSchema,
    success: { status: 204 },
    refusals: [400, 404, 413, 415, 503],
  },
];
