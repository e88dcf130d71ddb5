import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keepLogSmall, lastError, lastLines } from './log-file.js';

describe('the log of a process', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cashpoint-log-'));
    file = join(folder, 'log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('tells its last error, not what was said after it', () => {
    writeFileSync(
      file,
      [
        '{"level":50,"msg":"old"}',
        '{"level":60,"msg":"cannot start","err":{"message":"port in use"}}',
        '{"level":30,"msg":"draining"}',
      ].join('\n'),
    );
    expect(lastError(file)).toBe('cannot start: port in use');
  });

  it('takes the line of a program that writes no JSON', () => {
    writeFileSync(file, 'LOG: starting\nFATAL: could not open file\nLOG: shut down\n');
    expect(lastError(file)).toBe('FATAL: could not open file');
  });

  it('is emptied when it is large, and what it had is kept once', () => {
    writeFileSync(file, 'x'.repeat(101));
    keepLogSmall(file, 100);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(readFileSync(`${file}.1`, 'utf8')).toHaveLength(101);
  });

  it('has words for a log that is not there', () => {
    expect(lastLines(join(folder, 'none'))).toBe('(its log is empty)');
  });
});
