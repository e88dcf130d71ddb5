import { z } from 'zod';

/** What a page of the cluster has to know before anybody is signed in. Public: nothing in it is a secret. */
export const gatewaysSchema = z.object({
  profile: z
    .enum(['demo', 'production'])
    .describe('in the demo profile the published demo cards, keys and tokens work'),
  gateways: z.array(z.url()).describe('origins of all gateways as the caller can reach them, the answering one first'),
});

export type GatewaysBody = z.infer<typeof gatewaysSchema>;
