import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT } from '../../checkout.js';
import { type ContestantName, type Entry, PEER_PACKAGES } from './contestants/contestants.js';
import { PEERS_FOLDER } from './contestants/shared.js';

const INSTALL_MS_MAX = 180_000;

/** Installs the peers from their own lockfile. What cannot be installed is told by `whyMissing`. */
export async function installPeers(): Promise<void> {
  const options = { cwd: PEERS_FOLDER, timeout: INSTALL_MS_MAX };
  await promisify(execFile)('npm', ['ci', '--no-audit', '--no-fund'], options).catch(() => undefined);
}

/** Why a contestant cannot take part; null where it can. */
export function whyMissing(contestant: ContestantName): string | null {
  const name = PEER_PACKAGES[contestant];
  if (name === undefined) return null;
  try {
    createRequire(join(PEERS_FOLDER, 'package.json')).resolve(name);
    return null;
  } catch {
    return `${name} is not installed (npm ci in tools/bench/peers)`;
  }
}

/** Name and version of a row, as published. */
export function nameOf({ contestant }: Entry): string {
  if (contestant === 'cashpoint') return 'libs/messaging';
  const name = PEER_PACKAGES[contestant] ?? contestant;
  const folder = contestant in PEER_PACKAGES ? PEERS_FOLDER : CHECKOUT;
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return `${name} ${dependencies[name] ?? ''}`;
}
