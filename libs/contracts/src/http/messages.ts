import { z } from 'zod';

/** `queued`: waits at its source for its answer; `parked`: waits at its target and goes on by itself; `dead`: waits there for an operator. */
export const MESSAGE_STATES = ['queued', 'parked', 'dead'] as const;

/** Without a state: all of them. */
export const messagesQuerySchema = z.strictObject({
  state: z.enum(MESSAGE_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const messageSchema = z.object({
  messageId: z.guid(),
  state: z.enum(MESSAGE_STATES),
  /** Broker instance where it is kept: the source of a queued one, the target of the others. */
  broker: z.string(),
  dialogId: z.guid(),
  sequence: z.int(),
  type: z.string(),
  version: z.int(),
  fromService: z.string(),
  fromBroker: z.string(),
  toService: z.string(),
  /** Null while the routes choose. */
  toBroker: z.string().nullable(),
  /** Sendings of a queued one; failed attempts of the others. */
  attempts: z.int(),
  /** How often a replica has died of handling it. */
  crashes: z.int(),
  /** Why it is parked: `gap` (something before it is missing), `unconfirmed`, `failed` or `crashed`. */
  reason: z.string().nullable(),
  lastError: z.string().nullable(),
  since: z.iso.datetime(),
  nextAttemptAt: z.iso.datetime().nullable(),
  body: z.unknown(),
});

/** Oldest first. `unheard`: broker instances that did not answer, whose messages are missing here. */
export const messagesSchema = z.object({ messages: z.array(messageSchema), unheard: z.array(z.string()) });

/** What came of a replay: applied now; failed again (it has all its attempts anew); or, at its source, sent once more. */
export const replaySchema = z.object({
  messageId: z.guid(),
  broker: z.string(),
  outcome: z.enum(['applied', 'failed', 'sent']),
  lastError: z.string().nullable(),
});

/** What one broker instance says to a replay. */
export const brokerReplaySchema = z.object({
  outcome: z.enum(['applied', 'failed', 'sent', 'waiting', 'unknown']),
  lastError: z.string().nullable(),
});

const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be a name of letters, digits, dots and dashes');

/** A route of one broker instance: where its messages to a service go. Without broker: whoever reads the service's queue. */
export const brokerRouteSchema = z.strictObject({
  service: name,
  broker: name.nullable(),
  /** Channels that lead there; none named: all. */
  channels: z.array(name).max(8).default([]),
});

/** `at`: the broker instance whose messages take the route. */
export const routeSchema = brokerRouteSchema.extend({ at: name });

/** Takes the place of every broker instance's routes: what `GET` answers changes nothing. */
export const routesSchema = z.strictObject({ routes: z.array(routeSchema).max(1000) });

export type MessagesQuery = z.infer<typeof messagesQuerySchema>;
export type MessageBody = z.infer<typeof messageSchema>;
export type MessagesBody = z.infer<typeof messagesSchema>;
export type ReplayBody = z.infer<typeof replaySchema>;
export type BrokerReplay = z.infer<typeof brokerReplaySchema>;
export type BrokerRoute = z.infer<typeof brokerRouteSchema>;
export type RouteBody = z.infer<typeof routeSchema>;
export type RoutesBody = z.infer<typeof routesSchema>;
