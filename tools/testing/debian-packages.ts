import { spawnSync } from 'node:child_process';

export const isInstalled = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Installs packages that tests need, where that needs no question: as root on a Debian. Does nothing elsewhere; whether it worked is for the caller to see. */
export function installDebianPackages(packages: readonly string[]): void {
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) return;
  console.log(`Installing ${packages.join(', ')} with apt-get, for the tests that need it …`);
  // In run level 1 Debian starts none of the services that it installs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  const quiet = { env, stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] };
  spawnSync('apt-get', ['update', '-qq'], quiet);
  spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...packages], quiet);
}
