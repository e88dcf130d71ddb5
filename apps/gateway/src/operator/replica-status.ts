import { z } from 'zod';

const memberState = z.enum(['up', 'down', 'draining', 'unknown']);

/** `GET /internal/status` of every process of the cluster. Gateways have neither broker, messaging nor database. */
export const replicaStatusSchema = z.object({
  name: z.string(),
  kind: z.string(),
  role: z.string(),
  state: memberState,
  pid: z.int().nullable(),
  version: z.string().nullable(),
  load: z.record(z.string(), z.number()),
  broker: z.string().nullish(),
  /** Calls that other replicas have answered it since it started, by their names. */
  calls: z.record(z.string(), z.number()).default({}),
  /** Of gateways: calls of customers and terminals since it started (`LatencyBuckets`). */
  traffic: z
    .object({ answered: z.number(), failed: z.number(), inFlight: z.number(), latency: z.array(z.number()) })
    .nullish(),
  messaging: z
    .object({
      channels: z.array(
        z.object({
          name: z.string(),
          kind: z.string(),
          role: z.string(),
          state: memberState,
          inUse: z.boolean(),
          failovers: z.number().default(0),
          lastFailoverSeconds: z.number().nullish(),
          canarySeconds: z.number().nullish(),
        }),
      ),
      activation: z.object({ readers: z.number(), backlog: z.number(), desiredReplicas: z.number() }).nullish(),
      // Not told while the database is away.
      unanswered: z.number().default(0),
      oldestUnansweredSeconds: z.number().default(0),
      parked: z.number().default(0),
      counters: z
        .object({ sent: z.number(), resent: z.number(), received: z.number(), duplicates: z.number() })
        .default({ sent: 0, resent: 0, received: 0, duplicates: 0 }),
    })
    .nullish(),
  database: z
    .object({
      name: z.string(),
      role: z.string(),
      state: z.string(),
      /** Each of its servers, where it is mirrored. */
      servers: z.array(z.object({ name: z.string(), role: z.string(), state: memberState })).default([]),
    })
    .nullish(),
});

export type ReplicaStatus = z.infer<typeof replicaStatusSchema>;
