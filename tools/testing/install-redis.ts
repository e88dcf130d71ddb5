import { spawnSync } from 'node:child_process';
import { findRedis } from '../servers/redis-server.js';

/** Installs a Redis where that needs no question, else says what to run; tests that need one are skipped without it. */
export function installRedis(): void {
  if (findRedis() !== null) return;
  if (process.getuid?.() === 0 && isInstalled('apt-get')) {
    console.log('Installing redis-server with apt-get, for the tests that need one …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
    spawnSync('apt-get', ['update', '-qq'], quiet);
    spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'redis-server'], quiet);
  }
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

const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
