import { hasSpin } from '../model/spin.js';
import { installDebianPackages } from './debian-packages.js';

/** Spin and a C compiler where they need no question; without them the model in docs/model is not checked. */
export function installSpin(): void {
  if (hasSpin()) return;
  installDebianPackages(['spin', 'gcc', 'libc6-dev']);
  if (!hasSpin())
    console.log(
      'There is no Spin or no C compiler: the tests of docs/model are skipped. (sudo apt-get install spin gcc)',
    );
}
