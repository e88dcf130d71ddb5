import { findRedis } from '../servers/redis-server.js';
import { installDebianPackages, isInstalled } from './debian-packages.js';

/** Installs a Redis where that needs no question, else says what to run; tests that need one are skipped without it. */
export function installRedis(): void {
  if (findRedis() !== null) return;
  installDebianPackages(['redis-server']);
  if (findRedis() === null)
    console.log(`There is no Redis: tests that need one are skipped. To run them too: ${advice()}`);
}

const ADVICE: readonly (readonly [string, string])[] = [
  ['apt-get', 'sudo apt-get install redis-server'],
  ['dnf', 'sudo dnf install valkey'],
  ['apk', 'sudo apk add redis'],
  ['pacman', 'sudo pacman -S valkey'],
  ['brew', 'brew install redis'],
];

function advice(): string {
  const known = ADVICE.find(([installer]) => isInstalled(installer));
  return known?.[1] ?? 'put a redis-server or valkey-server on the PATH';
}
