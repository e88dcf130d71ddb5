import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout, whether this runs as TypeScript or as its build below `dist/`. */
export const CHECKOUT = checkoutAbove(dirname(fileURLToPath(import.meta.url)));

function checkoutAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : checkoutAbove(dirname(folder));
}
