import { request } from 'undici';
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

/** The operator's audit, once everything on its way is settled; after `patienceMs` as it then is. A bank that is too busy for one is asked again. */
export async function auditWhenQuiet(
  after: string,
  gatewayUrls: readonly string[],
  patienceMs = 60_000,
): Promise<AuditVerdict> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const isLate = performance.now() > deadline;
    const answer = await audit(gatewayUrls[0] ?? '', isLate);
    if (answer !== null && (answer.inFlight === 0 || isLate)) {
      const { balanced, inFlight, checks } = answer;
      return { after, balanced, inFlight, failed: checks.filter(({ ok }) => !ok).map(({ name }) => name) };
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

export const isClean = ({ balanced, inFlight, failed }: AuditVerdict): boolean =>
  balanced && inFlight === 0 && failed.length === 0;

/** Null where a side of the bank could not be heard, unless that is to be an error (`mustAnswer`). */
async function audit(gateway: string, mustAnswer: boolean): Promise<AuditBody | null> {
  const { statusCode, body } = await request(`${gateway}/v1/operator/audit`, {
    headers: { authorization: 'Bearer demo-operator' },
    // The gateway has its own limit, which a large bank needs.
    headersTimeout: 0,
  });
  if (statusCode === 503 && !mustAnswer) {
    await body.dump();
    return null;
  }
  if (statusCode !== 200) throw new Error(`the audit answers ${statusCode}: ${await body.text()}`);
  return (await body.json()) as AuditBody;
}
