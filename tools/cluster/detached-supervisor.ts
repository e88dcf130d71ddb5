import { supervise, type SuperviseOptions } from './supervise.js';
import type { StartMessage } from './supervise-detached.js';

/** The process behind `up --detach`: supervises until somebody says `down` or sends it a signal. */
const options = JSON.parse(process.argv[2] ?? '') as SuperviseOptions;
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());

/** Nobody may be listening any more. */
function tell(message: StartMessage): void {
  if (process.connected) process.send?.(message);
}

try {
  const { cluster, stopped } = await supervise(options, (step) => tell({ step }), abort.signal);
  console.log(`${new Date().toISOString()} ready: ${cluster.gatewayUrls.join(' ')}`);
  tell({ ready: cluster.gatewayUrls });
  await stopped;
  console.log(`${new Date().toISOString()} stopped`);
} catch (error) {
  console.error(error);
  tell({ refused: error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
}
