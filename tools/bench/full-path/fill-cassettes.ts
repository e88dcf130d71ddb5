import { request } from 'undici';

/** Fills every cassette of the demo data's `terminals`: hundreds of thousands of withdrawals would empty them. */
export async function fillCassettes(gatewayUrl: string, terminals: number): Promise<void> {
  for (let number = 1; number <= terminals; number++) {
    const terminal = `ATM-${String(number).padStart(3, '0')}`;
    const { statusCode, body } = await request(`${gatewayUrl}/v1/operator/terminals/${terminal}/replenish`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-operator', 'content-type': 'application/json' },
      body: '{}',
    });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${terminal} is not replenished: ${statusCode} ${answer}`);
  }
}
