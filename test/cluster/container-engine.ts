import { execFileSync } from 'node:child_process';
import { describe } from '@jest/globals';

function engineAnswers(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}

/** `describe` where a container engine answers; elsewhere its tests are counted as skipped. */
export const withEngine = engineAnswers() ? describe : describe.skip;
