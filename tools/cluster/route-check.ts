import { Refusal } from '../refusal.js';

const ROUTED_MS_MAX = 20_000;
const POLL_MS = 50;
const DEMO_OPERATOR_TOKEN = 'demo-operator';

/** Reads, one answered by an atm-terminal replica and one by an account replica, that leave no trace. */
const PATHS = ['/v1/operator/terminals/ATM-001', '/v1/operator/accounts/ACC-0001'];

/** Resolves when every gateway reaches replicas of both apps; throws `Refusal` with its last answer where it does not. */
export async function untilRouted(gatewayUrls: readonly string[], token = DEMO_OPERATOR_TOKEN): Promise<void> {
  const deadline = Date.now() + ROUTED_MS_MAX;
  await Promise.all(gatewayUrls.flatMap((url) => PATHS.map((path) => untilAnswered(`${url}${path}`, token, deadline))));
}

async function untilAnswered(url: string, token: string, deadline: number): Promise<void> {
  for (;;) {
    const answer = await ask(url, token);
    if (answer === null) return;
    if (Date.now() > deadline) throw new Refusal(`${url} is not answered: ${answer}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Null where it was answered, else what came instead. */
async function ask(url: string, token: string): Promise<string | null> {
  try {
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
    const body = await answer.text();
    return answer.ok ? null : `${answer.status} ${body}`;
  } catch (error) {
    return String(error);
  }
}
