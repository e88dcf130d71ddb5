import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem, type } from 'node:os';
import { CHECKOUT } from '../../checkout.js';

/** What the figures were measured on. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Of this checkout, with a `+` where files differ from it; null where it is no Git checkout. */
  readonly commit: string | null;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cores: processors.length,
    model: processors[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    commit: commitOfCheckout(),
  };
}

function commitOfCheckout(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', CHECKOUT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    return (
      git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '+')
    );
  } catch {
    return null;
  }
}
