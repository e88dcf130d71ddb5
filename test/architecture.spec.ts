import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/**
 * Who may import whom (docs/architecture.md). Imports are read from the source text, so a forbidden one fails here even
 * where it would build.
 */
const ROOT = join(import.meta.dirname, '..');

/** Libraries that each part may import; third-party packages are limited only where a part must be pure or self-contained. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  'libs/money': [],
  'libs/ledger': ['money'],
  'libs/contracts': ['money'],
  'libs/database': [],
  'libs/tracing': [],
  'libs/messaging': ['database', 'tracing'],
  'libs/platform': ['contracts', 'database', 'tracing'],
  'apps/gateway': ['contracts', 'messaging', 'money', 'platform'],
  'apps/atm-terminal': ['contracts', 'database', 'messaging', 'money', 'platform', 'tracing'],
  'apps/account': ['contracts', 'database', 'ledger', 'messaging', 'money', 'platform', 'tracing'],
};

/** Folders that must stay pure: no I/O, no clock, no framework. Only these modules may appear. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  'libs/money/src': [],
  'libs/ledger/src': ['#money'],
  'libs/contracts/src': ['zod', '#money'],
  'libs/messaging/src/protocol': ['node:crypto', '#tracing'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

const IMPORT = /(?:from|import)\s*\(?\s*'([^'\s]+)'/g;

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.spec.ts') && !name.includes('testing/'))
    .map((name) => join(folder, name));
}

function importsBelow(folder: string): Import[] {
  return sourcesBelow(folder).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(IMPORT)].map(([, target]) => ({ file, target: target ?? '' })),
  );
}

const isRelative = ({ target }: Import) => target.startsWith('.');
const describeImport = ({ file, target }: Import) => `${file} imports ${target}`;

describe('who may import whom', () => {
  it.each(Object.entries(LIBRARIES))('%s imports only the libraries it may', (part, allowed) => {
    const forbidden = importsBelow(`${part}/src`).filter(
      ({ target }) => target.startsWith('#') && !allowed.includes(target.slice(1)),
    );
    expect(forbidden.map(describeImport)).toEqual([]);
  });

  it.each(Object.keys(LIBRARIES))('%s reaches nothing outside itself by relative path', (part) => {
    const escaping = importsBelow(`${part}/src`)
      .filter(isRelative)
      .filter(({ file, target }) => relative(part, normalize(join(dirname(file), target))).startsWith('..'));
    expect(escaping.map(describeImport)).toEqual([]);
  });

  it('examples show what libs/messaging does without the bank', () => {
    const imports = importsBelow('examples').filter(({ target }) => target.startsWith('#'));
    expect(new Set(imports.map(({ target }) => target))).toEqual(new Set(['#database', '#messaging']));
  });

  it('the pages take types from libs/contracts and run nothing of the cluster but libs/money', () => {
    const imports = importsBelow('web').filter(({ target }) => target.startsWith('#'));
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ target }) => target !== '#contracts' && target !== '#money')).toEqual([]);
    const running = sourcesBelow('web').filter((file) =>
      /import (?!type\b)[^;]*'#contracts'/.test(readFileSync(join(ROOT, file), 'utf8')),
    );
    expect(running).toEqual([]);
    const escaping = importsBelow('web')
      .filter(isRelative)
      .filter(({ file, target }) => relative('web', normalize(join(dirname(file), target))).startsWith('..'));
    expect(escaping.map(describeImport)).toEqual([]);
  });

  it.each(Object.entries(PURE))('%s is pure', (folder, allowed) => {
    const impure = importsBelow(folder).filter((one) => !isRelative(one) && !allowed.includes(one.target));
    expect(impure.map(describeImport)).toEqual([]);
    const clocks = sourcesBelow(folder).filter((file) =>
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|process\.)/.test(
        readFileSync(join(ROOT, file), 'utf8'),
      ),
    );
    expect(clocks).toEqual([]);
  });

  it('reads a tree that has imports, so that the rules above are about something', () => {
    expect(importsBelow('libs/platform/src').length).toBeGreaterThan(10);
  });
});
