import { sessionEnded } from './session-ended.js';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { SessionAccess } from './session-access.js';
import { Sessions } from './sessions.js';

/** The card is returned; from now on the token is worth nothing, but to the repeat of the very request that ended the session. */
@Injectable()
export class CloseSession {
  constructor(
    private readonly sessions: Sessions,
    private readonly access: SessionAccess,
    private readonly hash: KeyedHash,
  ) {}

  /** Throws 401 where another request has ended the session, 404 where it is not the caller's. */
  async close(sessionId: string, caller: Caller): Promise<{ replayed: boolean }> {
    const session = await this.access.namedToEnd(sessionId, caller);
    const { key } = caller;
    const requestId = key === null ? randomUUID() : this.hash.id(`close-session ${sessionId}`, key.value);
    const endedBy = session.endedAt === null ? await this.sessions.end(session, requestId) : session.endedBy;
    if (endedBy !== requestId) throw sessionEnded();
    return { replayed: session.endedAt !== null && key?.fromClient === true };
  }
}
