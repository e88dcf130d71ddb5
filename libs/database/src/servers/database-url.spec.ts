import { describe, expect, it } from '@jest/globals';
import { parseDatabaseUrl } from './database-url.js';

describe('a database URL', () => {
  it('names one server or several', () => {
    expect(parseDatabaseUrl('postgres://u:p@one/db')?.servers).toEqual([{ host: 'one', port: 5432 }]);
    const url = parseDatabaseUrl('postgresql://u:p%40ss@one:5433,[::1],10.0.0.1:7/my%20db?sslmode=require');
    expect(url?.database).toBe('my db');
    expect(url?.servers.map((server) => url.at(server))).toEqual([
      'postgresql://u:p%40ss@one:5433/my%20db?sslmode=require',
      'postgresql://u:p%40ss@[::1]:5432/my%20db?sslmode=require',
      'postgresql://u:p%40ss@10.0.0.1:7/my%20db?sslmode=require',
    ]);
  });

  it.each([
    'http://one/db',
    'postgres://one',
    'postgres://one,/db',
    'postgres://one:70000/db',
    'postgres://a b/db',
    '',
  ])('is not %s', (text) => {
    expect(parseDatabaseUrl(text)).toBeNull();
  });
});
