import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');

/** Relative targets of Markdown links, without anchors. */
const LINK = /\]\((?!https?:|mailto:|#)([^)\s#]+)(?:#[^)\s]*)?\)/g;

const NOT_OURS = ['node_modules', 'dist', '.git', '.cashpoint'];

const documents = () => globSync('**/*.md', { cwd: ROOT, exclude: (name) => NOT_OURS.includes(name) });

describe('the documents', () => {
  it('link to files and folders that are there', () => {
    const links = documents().flatMap((document) =>
      [...readFileSync(join(ROOT, document), 'utf8').matchAll(LINK)].map(([, target = '']) => ({ document, target })),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ document, target }) => !existsSync(join(ROOT, dirname(document), target)))).toEqual([]);
  });
});
