import { randomBytes } from 'node:crypto';
import { identify, type ProcessIdentity } from '../processes/identity.js';
import { Autoscaler } from './autoscale.js';
import { Cluster, type ClusterOptions, type StartStep } from './cluster.js';
import { writeAtomically } from './cluster-record.js';
import { type ControlRequest, serveControl } from './control.js';
import { DataFolder } from './data-folder.js';
import { forget, stopLeftovers } from './leftovers.js';
import { lockFolder, unlockFolder } from './lock.js';
import { untilRouted } from './route-check.js';

export interface SuperviseOptions extends ClusterOptions {
  /** Throw away what the folder has from earlier runs. */
  readonly fresh?: boolean;
  /** Let the queues decide how many account replicas there are: from `accounts` up to so many of each broker instance. */
  readonly autoscaleMax?: number;
}

/** A cluster that this process looks after. */
export interface SupervisedCluster {
  readonly cluster: Cluster;
  /** Resolves when the cluster has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
  /** Drains and stops everything; a second call waits for the first. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a cluster in its data folder and looks after it until it is stopped. What an earlier supervisor left running there is
 * stopped first. Rejects with everything stopped again where the cluster does not become ready, or `abort` says stop.
 */
export async function supervise(
  options: SuperviseOptions,
  report: (step: StartStep) => void = () => undefined,
  abort?: AbortSignal,
): Promise<SupervisedCluster> {
  const folder = new DataFolder(options.dataDir);
  folder.create();
  lockFolder(folder);
  try {
    return await startIn(folder, options, report, abort);
  } catch (error) {
    unlockFolder(folder);
    throw error;
  }
}

async function startIn(
  folder: DataFolder,
  options: SuperviseOptions,
  report: (step: StartStep) => void,
  abort: AbortSignal | undefined,
): Promise<SupervisedCluster> {
  const leftovers = await stopLeftovers(folder);
  if (leftovers.length > 0) report({ name: `stopped what was left: ${leftovers.join(', ')}`, milliseconds: 0 });
  if (options.fresh === true) folder.empty();
  const supervisor = identify(process.pid) as ProcessIdentity;
  const token = randomBytes(24).toString('hex');
  const { url, server } = await serveControl(token, (request) => obey(request));
  const cluster = new Cluster({ ...options, control: { url, token } }, () => publish());
  const publish = () =>
    writeAtomically(folder.record, { supervisor, control: { url, token }, members: cluster.records }, 0o600);

  let stopping: Promise<void> | undefined;
  let resolveStopped = (): void => undefined;
  const stopped = new Promise<void>((resolve) => (resolveStopped = resolve));
  const stop = () => (stopping ??= stopNow());
  const autoscaler = autoscalerOf(cluster, options, report);
  const stopNow = async () => {
    await autoscaler?.stop();
    await cluster.stop();
    forget(folder);
    unlockFolder(folder);
    server.close();
    resolveStopped();
  };
  const obey = async (request: ControlRequest) => {
    if (request.do === 'kill') await cluster.kill(request.name, request.signal);
    if (request.do === 'start') await cluster.startMember(request.name);
    if (request.do === 'restart') await cluster.restart(request.name ?? undefined);
    if (request.do === 'scale') await cluster.scale(request.what, request.count);
    if (request.do === 'down') await stop();
  };

  abort?.addEventListener('abort', () => void stop());
  try {
    await cluster.start(report);
    const startedAt = Date.now();
    await untilRouted(cluster.gatewayUrls, options.environment?.['OPERATOR_TOKEN']);
    report({ name: 'every gateway reaches both apps', milliseconds: Date.now() - startedAt });
    abort?.throwIfAborted();
    autoscaler?.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { cluster, stopped, stop };
}

function autoscalerOf(
  cluster: Cluster,
  { accounts, autoscaleMax }: SuperviseOptions,
  report: (step: StartStep) => void,
): Autoscaler | null {
  if (autoscaleMax === undefined) return null;
  return new Autoscaler(cluster, { min: accounts, max: autoscaleMax }, (name) => report({ name, milliseconds: 0 }));
}
