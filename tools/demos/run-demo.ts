import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availableChannels } from '../cluster/channels.js';
import { type RunningCluster, startCluster } from '../cluster/start-cluster.js';
import { Refusal } from '../refusal.js';
import type { Demo } from './demo.js';
import { DemoBank, seconds } from './stage/demo-bank.js';
import { Story } from './story.js';

/** Tells the demo on a bank of its own, which is gone afterwards. Answers whether everything was as expected. */
export async function runDemo(demo: Demo, abort: AbortSignal): Promise<boolean> {
  if (demo.needsRedis === true && availableChannels() !== 'redis') {
    throw new Refusal(`${demo.name} kills a Redis, and neither redis-server nor valkey-server is installed`);
  }
  const story = new Story((line) => console.log(line));
  story.opening(demo.title, demo.plot);
  const startedAt = Date.now();
  const cluster = await startCluster({ dataDir: newFolder(), scratch: true, ...demo.cluster });
  story.note(`a bank of its own, ready in ${seconds(Date.now() - startedAt)}: ${await castOf(cluster)}`);
  try {
    await tellUnlessAborted(demo, story, cluster, abort);
  } finally {
    await cluster.discard();
  }
  story.verdict(demo.moral);
  return story.asExpected;
}

async function tellUnlessAborted(demo: Demo, story: Story, cluster: RunningCluster, abort: AbortSignal) {
  const bank = new DemoBank(cluster);
  const aborted = new Promise<never>((_, reject) => {
    const breakOff = () => reject(new Error('interrupted'));
    if (abort.aborted) breakOff();
    else abort.addEventListener('abort', breakOff);
  });
  try {
    await Promise.race([demo.tell(story, bank), aborted]);
  } catch (error) {
    story.breakOff(`the story broke off: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await bank.close();
  }
}

/** The database may run as another user, who must be able to pass through. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cashpoint-demo-'));
  chmodSync(folder, 0o711);
  return folder;
}

async function castOf(cluster: RunningCluster): Promise<string> {
  const { gateways, replicas, channels } = await cluster.status();
  const kinds = [...gateways, ...replicas, ...channels].map(({ kind }) => kind);
  return [...new Set(kinds)].map((kind) => `${kinds.filter((one) => one === kind).length} × ${kind}`).join(', ');
}
