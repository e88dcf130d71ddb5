import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, readConfig, secretSchema } from './config.js';

const schema = z.object({ TOKEN_KEY: secretSchema, LIMIT: z.coerce.number().int().default(5) });
const long = 'a-secret-that-is-long-enough';

describe('configuration', () => {
  it('gives the demo profile its published secrets', () => {
    const config = readConfig(schema, { CASHPOINT_PROFILE: 'demo' });
    expect(config.TOKEN_KEY).toBe('demo-token-key');
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('names every missing secret outside the demo profile', () => {
    expect(() => readConfig(schema, {})).toThrow(/CLUSTER_KEY: is missing[^]*TOKEN_KEY: is missing/);
  });

  it.each(['demo-token-key', 'short'])(
    'refuses the secret %j outside the demo profile, without repeating it',
    (value) => {
      const start = () => readConfig(schema, { CLUSTER_KEY: long, TOKEN_KEY: value });
      expect(start).toThrow(ConfigurationError);
      expect(start).toThrow(/TOKEN_KEY/);
      expect(start).not.toThrow(new RegExp(value));
    },
  );

  it('takes an empty variable as not given and names a wrong one', () => {
    const given = { CLUSTER_KEY: long, TOKEN_KEY: long };
    expect(readConfig(schema, { ...given, LIMIT: '' }).LIMIT).toBe(5);
    expect(() => readConfig(schema, { ...given, LIMIT: 'many' })).toThrow(/LIMIT/);
    expect(() => readConfig(schema, { ...given, CASHPOINT_PROFILE: 'staging' })).toThrow(/CASHPOINT_PROFILE/);
  });
});
