import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import { CHECKOUT } from '../checkout.js';

/** Runs a Node program of the checkout in this terminal, with our Node first in its PATH; answers its exit code. */
export async function runNode(...args: string[]): Promise<number> {
  const PATH = [join(CHECKOUT, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const child = spawn(process.execPath, args, { cwd: CHECKOUT, stdio: 'inherit', env: { ...process.env, PATH } });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Path of a program that an npm package brings. */
export const programOf = (...path: string[]): string => join(CHECKOUT, 'node_modules', ...path);
