import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const ROOT = import.meta.dirname;
const OUTPUT = join(ROOT, 'dist', 'web');

/** Writes `.br` and `.gz` beside all text, which the gateways send to browsers that take them. */
const precompress: Plugin = {
  name: 'cashpoint:precompress',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync(OUTPUT, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(html|js|css|svg)$/.test(name)) continue;
      const path = join(OUTPUT, name);
      const content = readFileSync(path);
      writeFileSync(`${path}.br`, brotliCompressSync(content));
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
    }
  },
};

/** The two pages, each with one script and one style sheet: nothing is loaded later, when the gateway it came from may be dead. */
export default defineConfig({
  root: join(ROOT, 'web'),
  // Types come through the package's own imports; what runs in a browser is named here.
  resolve: { alias: { '#money': join(ROOT, 'libs', 'money', 'src', 'index.ts') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy has no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { atm: join(ROOT, 'web/atm/index.html'), console: join(ROOT, 'web/console/index.html') },
    },
  },
  plugins: [precompress],
  server: { proxy: { '/v1': 'http://localhost:8080' } },
});
