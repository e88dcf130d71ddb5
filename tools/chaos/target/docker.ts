import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

/** An engine that does not answer must not hold up whoever waits for a report, milliseconds; `compose up` may build images first. */
const DOCKER_MS_MAX = 120_000;
const COMPOSE_MS_MAX = 1_200_000;
const IPTABLES_MS_MAX = 10_000;

/** Waits for the firewall while somebody else, the engine for one, changes it. */
const iptables = (...args: readonly string[]) => run('iptables', ['--wait', ...args], { timeout: IPTABLES_MS_MAX });

/** Runs `docker …`; answers what it wrote. Rejects with its words where it fails. */
export async function docker(...args: readonly string[]): Promise<string> {
  const options = { maxBuffer: OUTPUT_BYTES_MAX, timeout: DOCKER_MS_MAX };
  return (await run('docker', [...args], options)).stdout.trim();
}

/** `docker compose …` of one project, in `folder`. */
export async function compose(
  { project, folder, environment }: { project: string; folder: string; environment: Readonly<Record<string, string>> },
  ...args: readonly string[]
): Promise<string> {
  const limits = { maxBuffer: OUTPUT_BYTES_MAX, timeout: COMPOSE_MS_MAX };
  const options = { ...limits, cwd: folder, env: { ...process.env, ...environment } };
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
  for (const rule of rules) await iptables('-I', ...rule);
  return async () => {
    for (const rule of rules) await iptables('-D', ...rule);
  };
}
