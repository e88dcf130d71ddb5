import { request } from 'undici';
import { TERMINALS } from './bank-client.js';

/** Fills every cassette of the demo data: hundreds of thousands of withdrawals would empty them. */
export async function fillCassettes(gatewayUrl: string): Promise<void> {
  for (const terminal of TERMINALS) {
    const { statusCode, body } = await request(`${gatewayUrl}/v1/operator/terminals/${terminal}/replenish`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-operator', 'content-type': 'application/json' },
      body: '{}',
    });
    const answer = await body.text();
    if (statusCode !== 200) throw new Error(`${terminal} is not replenished: ${statusCode} ${answer}`);
  }
}
