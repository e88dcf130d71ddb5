import { Injectable } from '@nestjs/common';
import { Database, type Statement } from '#database';
import { KeyedHash } from '../identity/keyed-hash.js';

/** The first try leaves two, the third none. The row's lock makes parallel tries count one after the other. */
const TRY: Statement = {
  name: 'unknown-card-try',
  text: `INSERT INTO unknown_card AS u (card_hash, tries_left) VALUES ($1, 2)
         ON CONFLICT (card_hash) DO UPDATE SET tries_left = u.tries_left - 1 WHERE u.tries_left > 0
         RETURNING tries_left`,
};

/**
 * Cards that no host knows behave like cards whose PIN is wrong every time, tries included, so that nobody can find out which
 * numbers exist. Only a keyed hash of the number is kept.
 */
@Injectable()
export class UnknownCards {
  constructor(
    private readonly database: Database,
    private readonly hash: KeyedHash,
  ) {}

  /** Tries left after this one, or null where the card has none left (a real one would be blocked). */
  async attempt(cardNumber: string): Promise<number | null> {
    const cardHash = this.hash.digest('unknown-card', cardNumber).toString('base64url');
    const [row] = await this.database.query<{ tries_left: number }>(TRY, [cardHash]);
    return row?.tries_left ?? null;
  }
}
