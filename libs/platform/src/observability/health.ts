import type { FastifyInstance } from 'fastify';

/** What `/health/ready` asks: resolves where the replica can do its work, rejects with the reason where not. */
export type ReadinessCheck = () => Promise<void>;

/** A process that is shutting down is live but not ready, so that balancers turn away before it closes. */
export class Readiness {
  private draining = false;

  constructor(private readonly checks: readonly ReadinessCheck[]) {}

  drain(): void {
    this.draining = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Null where ready, else the reason. */
  async fault(): Promise<string | null> {
    if (this.draining) return 'draining';
    try {
      await Promise.all(this.checks.map((check) => check()));
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

/** `/health/live` and `/health/ready`; public, and tell nothing but up or not. */
export function serveHealth(fastify: FastifyInstance, readiness: Readiness): void {
  fastify.get('/health/live', async () => ({ status: 'live' }));
  fastify.get('/health/ready', async (_request, reply) => {
    const fault = await readiness.fault();
    return reply.status(fault === null ? 200 : 503).send({ status: fault === null ? 'ready' : 'not-ready' });
  });
}
