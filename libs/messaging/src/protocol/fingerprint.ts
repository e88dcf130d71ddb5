import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import type { Envelope } from './envelope.js';

/**
 * SHA-256, in hexadecimal, of what a message says and where it stands in its dialog. Two messages of one id must have
 * the same; the inbox refuses the second where they differ.
 */
export function fingerprint(envelope: Pick<Envelope, 'type' | 'version' | 'dialogId' | 'sequence' | 'body'>): string {
  const { type, version, dialogId, sequence, body } = envelope;
  return hash('sha256', canonicalJson([type, version, dialogId, sequence, body]), 'hex');
}
