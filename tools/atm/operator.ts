import type { ArmFault, AuditBody, ClusterBody, OperatorAccountBody } from '#contracts';

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
      const response = await fetch(`${gateway}/v1/operator/${path}`, {
        method,
        headers: { authorization: 'Bearer demo-operator', 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_MS_MAX),
      }).catch(() => null);
      if (response === null) continue;
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
      return (text === '' ? undefined : JSON.parse(text)) as Body;
    }
    throw new Error(`${method} ${path}: no gateway answers`);
  }
}
