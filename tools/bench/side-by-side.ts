import { DEFAULT_SIZES, type Sizes } from '../cluster/sizes.js';
import { Refusal } from '../refusal.js';
import { Arena } from './arena.js';
import { auditWhenQuiet } from './audit-when-quiet.js';
import { measureDatabaseLimit } from './database-limit.js';
import { type Entry, OWN, PEERS } from './delivery/contestants/contestants.js';
import { installPeers, nameOf, whyMissing } from './delivery/install-peers.js';
import { loseRedis } from './delivery/lose-redis.js';
import { type DeliveryFigures, measureDelivery } from './delivery/measure-delivery.js';
import { firstCards, measurePath, measureRate, type PathFigures } from './full-path/measure-path.js';
import { measureIdle } from './idle/idle.js';
import { measureStartUp } from './idle/start-up.js';
import type { Part } from './parts.js';
import { type Plan, sizesOf } from './plan.js';
import { type BenchReport, type DeliveryRow, isMissing, type Missing, type PathRow } from './report/bench-report.js';
import { measuredOf, Rounds } from './rounds.js';

type SideBySide = Pick<
  BenchReport,
  'servers' | 'limit' | 'path' | 'messaging' | 'redisLoss' | 'peers' | 'idle' | 'replicas' | 'audits' | 'violations'
>;

interface Measuring {
  readonly arena: Arena;
  readonly plan: Plan;
  readonly rounds: Rounds;
  readonly report: (line: string) => void;
  readonly violations: string[];
}

/** What gets its rows, once the rounds are over. */
type Later<Rows> = () => Rows;

/** The parts whose figures are compared with each other: round after round, on one PostgreSQL, beside one bank. */
export async function measureSideBySide(
  parts: ReadonlySet<Part>,
  plan: Plan,
  report: (line: string) => void,
): Promise<SideBySide> {
  if (parts.has('peers') && plan.installsPeers && PEERS.some(({ contestant }) => whyMissing(contestant) !== null)) {
    report('installing the peers …');
    await installPeers();
  }
  const arena = await Arena.open(DEFAULT_SIZES);
  try {
    const servers = await arena.settings();
    const violations = servers.flatMap(({ notDurable }) => notDurable);
    const measuring: Measuring = { arena, plan, rounds: new Rounds(), report, violations };
    const limit = parts.has('limit') ? addLimit(measuring) : null;
    const [messaging] = parts.has('messaging') ? addDeliveries(measuring, [OWN]) : [];
    const peers = parts.has('peers') ? addDeliveries(measuring, PEERS) : null;
    const usual = parts.has('path') ? addPath(measuring, DEFAULT_SIZES) : null;
    const small = parts.has('path') ? addPath(measuring, sizesOf(1)) : null;
    const replicas = parts.has('scaling') ? plan.replicas.map((count) => addScaled(measuring, count)) : null;
    const idle = parts.has('idle') ? await measureIdleness(measuring) : null;
    await measuring.rounds.run(plan.rounds);
    const redisLoss = parts.has('messaging') ? await measureRedisLoss(measuring) : null;
    return {
      servers,
      violations,
      idle,
      redisLoss,
      limit: limit?.() ?? null,
      messaging: messaging?.() ?? null,
      peers: peers?.map((rows) => rows()) ?? null,
      path: small === null || usual === null ? null : [...small(), ...usual()],
      replicas: replicas?.map((row) => row()) ?? null,
      audits: [await auditWhenQuiet('limit, path, messaging, peers and replicas', arena.cluster.gatewayUrls)],
    };
  } finally {
    await arena.close();
  }
}

/** Of the default cluster, before anybody has asked it for anything. */
async function measureIdleness({ arena, plan, report }: Measuring): Promise<NonNullable<BenchReport['idle']>> {
  const startUps = await measureStartUp(arena.cluster, ['gateway-1', 'atm-terminal-1', 'account-a-1']);
  // Who has just started is busy with itself, and looks around often at first.
  await new Promise((resolve) => setTimeout(resolve, plan.idleSeconds * 500));
  const cost = await measureIdle(arena.cluster, plan.idleSeconds);
  report(`idle: ${cost.cpuShare === null ? '?' : (cost.cpuShare * 100).toFixed(1)} % of one core`);
  return { cost, startUps };
}

function addLimit({ arena, plan, rounds, report }: Measuring): Later<NonNullable<BenchReport['limit']>> {
  let missing: string | null = null;
  const results = rounds.add(async () => {
    if (missing !== null) return { perSecond: 0 };
    try {
      const perSecond = await measureDatabaseLimit(arena.limitUrl, plan.seconds);
      report(`database alone: ${perSecond.toFixed(0)}/s`);
      return { perSecond };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      missing = error.message;
      return { perSecond: 0 };
    }
  });
  return () => (missing === null ? measuredOf(results) : { missing });
}

function addDeliveries({ arena, plan, rounds, report, violations }: Measuring, entries: readonly Entry[]) {
  return entries.map((entry): Later<DeliveryRow> => {
    const name = nameOf(entry);
    const place = arena.place;
    const missing = place === null ? 'there is no Redis on this machine' : whyMissing(entry.contestant);
    const results = rounds.add(async (): Promise<DeliveryFigures | Missing> => {
      if (missing !== null || place === null) return { missing: missing ?? '' };
      const warmUpSeconds = Math.max(plan.warmUpSeconds, plan.sidesBreakInSeconds);
      const options = { warmUpSeconds, measuredSeconds: plan.seconds, pacedSeconds: plan.pacedSeconds };
      try {
        const figures = await measureDelivery(entry, place, options);
        report(`${name} (${entry.style}): ${figures.perSecond.toFixed(0)}/s, ${timesOf(figures.paced)} at 200/s`);
        if (figures.sent !== figures.applied) {
          violations.push(`${name} (${entry.style}): ${figures.sent} was sent and ${figures.applied} applied`);
        }
        return figures;
      } catch (error) {
        // A contestant that fails is a row that says so; only our own makes the run fail.
        const why = `${name} (${entry.style}) failed: ${messageOf(error)}`;
        report(why);
        if (entry === OWN) violations.push(why);
        return { missing: why };
      }
    });
    return () => {
      const measured = results.filter((one): one is DeliveryFigures => !isMissing(one));
      const result = measured.length > 0 ? measuredOf(measured) : (results.find(isMissing) ?? { missing: 'no round' });
      return { ...entry, name, result };
    };
  });
}

async function measureRedisLoss({ arena, plan, report, violations }: Measuring): Promise<BenchReport['redisLoss']> {
  if (arena.place === null) return null;
  try {
    const loss = await loseRedis(arena.place, plan.seconds);
    if (loss === null) return null;
    const { messages, drainedSeconds, sent, applied } = loss;
    report(
      `Redis lost under ${messages} messages: the last one was applied ${drainedSeconds.toFixed(1)} s after the load`,
    );
    if (sent !== applied) violations.push(`Redis lost: ${sent} was sent and ${applied} applied`);
    return loss;
  } catch (error) {
    // A message that is not applied in time fails the run; the rounds before it are worth having.
    violations.push(`Redis lost: ${messageOf(error)}`);
    return null;
  }
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** Both closed loops, and then a quarter of what the larger one reached. */
function addPath(measuring: Measuring, sizes: Sizes): Later<PathRow[]> {
  const { plan, rounds } = measuring;
  const [few, many] = plan.atms;
  const results = rounds.add(async () => {
    await prepare(measuring, sizes);
    const closed = [await measure(measuring, sizes, few), await measure(measuring, sizes, many)] as const;
    return [...closed, await measure(measuring, sizes, many, closed[1].perSecond / 4)] as const;
  });
  const row = (index: 0 | 1 | 2, atms: number): PathRow => {
    const figures = measuredOf(results.map((round) => round[index]));
    const quarter = measuredOf(results.map((round) => round[1])).perSecond / 4;
    return { sizes, atms, paced: index === 2 ? quarter : null, figures };
  };
  return () => [row(0, few), row(1, many), row(2, many)];
}

function addScaled(measuring: Measuring, replicas: number): Later<PathRow> {
  const sizes = sizesOf(replicas);
  const [, atms] = measuring.plan.atms;
  const results = measuring.rounds.add(async () => {
    await prepare(measuring, sizes);
    return measure(measuring, sizes, atms);
  });
  return () => ({ sizes, atms, paced: null, figures: measuredOf(results) });
}

/** So many replicas, which have worked for a while. */
async function prepare({ arena, plan, violations }: Measuring, sizes: Sizes): Promise<void> {
  await arena.scale(sizes);
  if (plan.breakInSeconds === 0) return;
  const [, atms] = plan.atms;
  const options = { cards: firstCards(atms), warmUpSeconds: 0, measuredSeconds: plan.breakInSeconds };
  const { failures, failed } = await measureRate(arena.cluster, options);
  if (failures > 0) violations.push(`${atms} ATMs, not measured: ${failures} failed: ${failed.join('; ')}`);
}

async function measure(
  { arena, plan, report, violations }: Measuring,
  sizes: Sizes,
  atms: number,
  perSecond?: number,
): Promise<PathFigures> {
  const measuredSeconds = perSecond === undefined ? plan.seconds : plan.pacedSeconds;
  const figures = await measurePath(arena.cluster, {
    ...{ cards: firstCards(atms), warmUpSeconds: plan.warmUpSeconds, measuredSeconds },
    ...(perSecond === undefined ? {} : { perSecond }),
  });
  const what = `${atms} ATMs, ${sizes.gateways} + ${sizes.terminals} + ${sizes.accounts} replicas${perSecond === undefined ? '' : ', paced'}`;
  report(
    `${what}: ${figures.perSecond.toFixed(0)}/s, answer ${timesOf(figures.answer)}, settled ${timesOf(figures.settled)} later`,
  );
  if (figures.failures > 0) violations.push(`${what}: ${figures.failures} failed: ${figures.failed.join('; ')}`);
  if (figures.settled.unsettled > 0) violations.push(`${what}: ${figures.settled.unsettled} did not settle`);
  return figures;
}

const timesOf = ({ p50, p99 }: { p50: number; p99: number }) => `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
