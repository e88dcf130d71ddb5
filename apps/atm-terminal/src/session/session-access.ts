import { Injectable } from '@nestjs/common';
import { Problem } from '#platform';
import type { Caller } from '../http/caller.js';
import { KeyedHash } from '../identity/keyed-hash.js';
import { noteBounded } from './note-bounded.js';
import { sessionEnded } from './session-ended.js';
import type { Session } from './session.js';
import { sessionOfToken } from './session-token.js';
import { Sessions } from './sessions.js';

/** Tokens that a process keeps in mind at most; the one that was checked first goes first. */
const CHECKED_MAX = 10_000;

/** Who may act on which session: only the holder of its token, at its terminal, while it lasts. */
@Injectable()
export class SessionAccess {
  /** Sessions by tokens that were right, which they stay. */
  private readonly checked = new Map<string, string>();

  constructor(
    private readonly sessions: Sessions,
    private readonly hash: KeyedHash,
  ) {}

  /** The caller's session. Throws 401 without a token of a session that still lasts. */
  async ofCaller(caller: Caller): Promise<Session> {
    const session = await this.ofToken(caller, (sessionId) => this.sessions.find(sessionId));
    if (session.endedAt !== null) throw sessionEnded();
    return session;
  }

  /** The caller's session, which must be the one that the path names. Throws 401, and 404 for any other session. */
  async named(sessionId: string, caller: Caller): Promise<Session> {
    const session = await this.ofCaller(caller);
    if (session.sessionId !== sessionId) throw unknownSession();
    return session;
  }

  /** The same for a call that ends the session: its repeat comes when the session has ended. */
  async namedToEnd(sessionId: string, caller: Caller): Promise<Session> {
    const session = await this.ofToken(caller, (id) => this.sessions.find(id));
    if (session.sessionId !== sessionId) throw unknownSession();
    return session;
  }

  /** As `named`, but it may have ended since it was seen: for what the database refuses then (see `Sessions.asSeen`). */
  async namedAsSeen(sessionId: string, caller: Caller): Promise<Session> {
    const session = await this.ofToken(caller, (id) => this.sessions.asSeen(id));
    if (session.sessionId !== sessionId) throw unknownSession();
    return session;
  }

  private async ofToken(
    { bearer, terminalId }: Caller,
    find: (sessionId: string) => Promise<Session | null>,
  ): Promise<Session> {
    const sessionId = bearer === null ? null : this.sessionIdOf(bearer);
    if (sessionId === null) throw new Problem('unauthenticated', 'A session token is required.');
    const session = await find(sessionId);
    if (session === null || session.expired) throw new Problem('unauthenticated', 'The session has expired.');
    if (terminalId !== null && terminalId !== session.terminalId) throw unknownSession();
    return session;
  }

  private sessionIdOf(token: string): string | null {
    const known = this.checked.get(token);
    if (known !== undefined) return known;
    const sessionId = sessionOfToken(this.hash, token);
    if (sessionId !== null) noteBounded(this.checked, token, sessionId, CHECKED_MAX);
    return sessionId;
  }
}

const unknownSession = () => new Problem('not-found', 'There is no such session, or it is not yours.');
