import type { AuditBody } from '#contracts';

/** What the audit said after a benchmark. */
export interface AuditVerdict {
  /** The benchmark. */
  readonly after: string;
  readonly balanced: boolean;
  readonly inFlight: number;
  /** Names of the checks that failed. */
  readonly failed: readonly string[];
}

const PAUSE_MS = 200;

/** The operator's audit, once everything on its way is settled; after `patienceMs` as it then is. */
export async function auditWhenQuiet(
  after: string,
  gatewayUrls: readonly string[],
  patienceMs = 60_000,
): Promise<AuditVerdict> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { balanced, inFlight, checks } = await audit(gatewayUrls[0] ?? '');
    if (inFlight === 0 || performance.now() > deadline) {
      return { after, balanced, inFlight, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

export const isClean = ({ balanced, inFlight, failed }: AuditVerdict): boolean =>
  balanced && inFlight === 0 && failed.length === 0;

async function audit(gateway: string): Promise<AuditBody> {
  const response = await fetch(`${gateway}/v1/operator/audit`, { headers: { authorization: 'Bearer demo-operator' } });
  if (!response.ok) throw new Error(`the audit answers ${response.status}: ${await response.text()}`);
  return (await response.json()) as AuditBody;
}
