import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** Runs `docker …`; answers what it wrote. Rejects with its words where it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  return (await run('docker', [...args], { maxBuffer: OUTPUT_BYTES_MAX })).stdout.trim();
}

/** `docker compose …` of one project, in `folder`. */
export async function compose(
  { project, folder, environment }: { project: string; folder: string; environment: Readonly<Record<string, string>> },
  ...args: readonly string[]
): Promise<string> {
  const options = { cwd: folder, env: { ...process.env, ...environment }, maxBuffer: OUTPUT_BYTES_MAX };
  return (await run('docker', ['compose', '--project-name', project, ...args], options)).stdout.trim();
}

export function engineAnswers(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/**
 * Drops all packets from and to a container's address, in the chain that the engine leaves to its user: connections stay open and nothing
 * comes through. Needs the right to change the host's firewall. Answers what undoes it.
 */
export async function cutOff(address: string): Promise<() => Promise<void>> {
  const rules = ['-s', '-d'].map((direction) => ['DOCKER-USER', direction, address, '-j', 'DROP']);
  for (const rule of rules) await run('iptables', ['-I', ...rule]);
  return async () => {
    for (const rule of rules) await run('iptables', ['-D', ...rule]);
  };
}
