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
      unanswered: z.number(),
      oldestUnansweredSeconds: z.number(),
    })
    .nullish(),
  database: z.object({ name: z.string(), role: z.string(), state: z.string() }).nullish(),
});

export type ReplicaStatus = z.infer<typeof replicaStatusSchema>;
