import type { ArmFault, AuditBody, ClusterBody, OperatorAccountBody } from '#contracts';
import { within } from '../within.js';

/** Until one gateway has to have answered, milliseconds; an audit reads every account. */
const ANSWER_MS_MAX = 20_000;

/** The operator's calls, with the demo profile's token. Asks the gateways one after the other until one answers. */
export class Operator {
  /** `gateways` is asked for base URLs at every call, since a cluster changes. */
  constructor(private readonly gateways: () => readonly string[]) {}

  audit(): Promise<AuditBody> {
    return this.call('GET', 'audit');
  }

  cluster(): Promise<ClusterBody> {
    return this.call('GET', 'cluster');
  }

  account(accountId: string): Promise<OperatorAccountBody> {
    return this.call('GET', `accounts/${accountId}`);
  }

  /** Arms a named fault point of one replica. */
  arm(fault: ArmFault): Promise<void> {
    return this.call('POST', 'faults', fault);
  }

  /** Throws where the call is refused, or no gateway answers. */
  private async call<Body>(method: string, path: string, body?: object): Promise<Body> {
    for (const gateway of this.gateways()) {
      const url = `${gateway}/v1/operator/${path}`;
      const answer = await within(url, ANSWER_MS_MAX, ask(method, url, body)).catch(() => null);
      if (answer === null) continue;
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
      return (answer.text === '' ? undefined : JSON.parse(answer.text)) as Body;
    }
    throw new Error(`${method} ${path}: no gateway answers`);
  }
}

async function ask(method: string, url: string, body?: object): Promise<{ ok: boolean; status: number; text: string }> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: 'Bearer demo-operator', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ANSWER_MS_MAX),
  });
  return { ok: answer.ok, status: answer.status, text: await answer.text() };
}
