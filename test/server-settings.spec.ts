import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DURABLE_SETTINGS } from '../tools/servers/postgres-server.js';

/** What PostgreSQL does by itself; written down where somebody's own configuration could say otherwise. */
const BY_DEFAULT = ['fsync', 'synchronous_commit', 'full_page_writes'];

const SETTINGS = Object.fromEntries(Object.entries(DURABLE_SETTINGS).filter(([name]) => !BY_DEFAULT.includes(name)));

describe('PostgreSQL is told the same by the local cluster and', () => {
  it('by docker compose', () => {
    expect(namedIn('docker-compose.yml', /^ +- -c(\w+)=(\S+)$/gm)).toEqual(SETTINGS);
  });

  it('by the mirrored database in containers', () => {
    expect(namedIn('deploy/ha/patroni.yml', /^ {8}(\w+): '?([\w]+)'?$/gm)).toMatchObject(SETTINGS);
  });
});

function namedIn(file: string, setting: RegExp): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, '..', file), 'utf8');
  return Object.fromEntries([...text.matchAll(setting)].map(([, name = '', value = '']) => [name, value]));
}
