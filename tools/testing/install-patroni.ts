import { missingMirrorPrograms } from '../cluster/mirror.js';
import { installDebianPackages } from './debian-packages.js';

/** Patroni, etcd and a whole PostgreSQL where they need no question; without them the tests of the mirrored database are skipped. */
export function installPatroni(): void {
  if (missingMirrorPrograms().length === 0) return;
  installDebianPackages(['patroni', 'python3-etcd', 'etcd-server', 'postgresql']);
  const missing = missingMirrorPrograms();
  if (missing.length > 0) {
    console.log(
      `There is no ${missing.join(', ')}: the tests of the mirrored database are skipped. ` +
        '(sudo apt-get install --no-install-recommends patroni python3-etcd etcd-server postgresql)',
    );
  }
}
