import type { KeyedHash } from '../identity/keyed-hash.js';

const PURPOSE = 'session-token';
const FORM = /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([A-Za-z0-9_-]{43})$/;

/** The bearer token of a session: its id and a signature. Nothing of it is stored; every replica can check it. */
export function sessionToken(hash: KeyedHash, sessionId: string): string {
  return `${sessionId}.${hash.digest(PURPOSE, sessionId).toString('base64url')}`;
}

/** The session that the token was made for, or null where it was not made here. Says nothing about whether the session still lasts. */
export function sessionOfToken(hash: KeyedHash, token: string): string | null {
  const [, sessionId = '', signature = ''] = FORM.exec(token) ?? [];
  return sessionId !== '' && hash.verifies(PURPOSE, sessionId, signature) ? sessionId : null;
}
