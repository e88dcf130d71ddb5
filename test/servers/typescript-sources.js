import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { URL } from 'node:url';

// Lets Node 24 run a TypeScript source directly (it strips the types by itself): `./x.js` is looked for as `./x.ts` too.
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts')) {
      const source = specifier.replace(/\.js$/, '.ts');
      if (existsSync(new URL(source, context.parentURL))) return next(source, context);
    }
    return next(specifier, context);
  },
});
