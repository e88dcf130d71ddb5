import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '#platform';
import { readGatewayConfig } from './config.js';

const COMPLETE = {
  CASHPOINT_PROFILE: 'demo',
  ATM_TERMINAL_ENDPOINTS: 'http://127.0.0.1:3001',
  ACCOUNT_ENDPOINTS: 'account-a=http://127.0.0.1:4001|http://127.0.0.1:4002,account-b=dns://account-b:3000',
};

describe('readGatewayConfig', () => {
  it('has an entry for each account broker', async () => {
    const brokers = readGatewayConfig(COMPLETE).ACCOUNT_ENDPOINTS;
    expect([...brokers.keys()]).toEqual(['account-a', 'account-b']);
    expect(await brokers.get('account-a')?.read()).toEqual(['http://127.0.0.1:4001', 'http://127.0.0.1:4002']);
  });

  it.each([
    [{ ATM_TERMINAL_ENDPOINTS: '' }, 'ATM_TERMINAL_ENDPOINTS'],
    [{ ATM_TERMINAL_ENDPOINTS: 'atm-terminal:3000' }, 'ATM_TERMINAL_ENDPOINTS'],
    [{ ACCOUNT_ENDPOINTS: 'http://127.0.0.1:4001' }, 'ACCOUNT_ENDPOINTS'],
    [{ ACCOUNT_ENDPOINTS: 'a=http://x:1,a=http://y:1' }, 'ACCOUNT_ENDPOINTS'],
    [{ RATE_LIMIT_PER_SECOND: '0' }, 'RATE_LIMIT_PER_SECOND'],
    [{ CASHPOINT_PROFILE: 'production' }, 'OPERATOR_TOKEN'],
    [{ CASHPOINT_PROFILE: 'production', OPERATOR_TOKEN: 'demo-operator' }, 'OPERATOR_TOKEN'],
  ])('refuses %j and names the variable', (change, name) => {
    const read = () => readGatewayConfig({ ...COMPLETE, ...change });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(name);
  });
});
