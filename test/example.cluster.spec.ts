import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { CHECKOUT } from '../tools/checkout.js';

/** Goal: the example outside banking runs as its README says. Method: the command from the README, its output against the README's. */
describe('examples/orders', () => {
  it('prints what its README says', async () => {
    const readme = readFileSync(join(CHECKOUT, 'examples', 'orders', 'README.md'), 'utf8');
    const [, printed] = /It prints\n\n```\n([^`]+)```/.exec(readme) ?? [];
    const { stdout, stderr } = await promisify(execFile)('npm', ['run', '--silent', 'example'], { cwd: CHECKOUT });
    expect(stderr.replace(/^npm warn .*\n/gm, '')).toBe('');
    expect(stdout).toBe(printed);
  }, 120_000);
});
