import { describe, expect, it } from '@jest/globals';
import { partsNamed } from './parts.js';

describe('parts of the benchmark', () => {
  it('are named by letter or by name', () => {
    expect([...partsNamed('a, path,h')]).toEqual(['limit', 'path', 'growth']);
  });

  it('that do not exist are refused with those that do', () => {
    expect(() => partsNamed('a,z')).toThrow('no part "z"; it has a (limit), b (path)');
  });
});
