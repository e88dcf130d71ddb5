import type { ClusterBody, NoticeEvent } from '#contracts';

type Notice = Omit<NoticeEvent, 'at'>;
type Member = ClusterBody['gateways'][number];

const SECTIONS = [
  ['gateways', 'gateway'],
  ['replicas', 'replica'],
  ['channels', 'channel'],
  ['databases', 'database'],
] as const;

/** What happened between two looks at the cluster, from the members' states, processes and counters. */
export function noticesBetween(before: ClusterBody, after: ClusterBody): Notice[] {
  return SECTIONS.flatMap(([section, kind]) => {
    const were = new Map(before[section].map((member) => [member.name, member]));
    const are = new Map(after[section].map((member) => [member.name, member]));
    const gone = [...were.keys()].filter((name) => !are.has(name));
    return [
      ...gone.map((member): Notice => ({ kind, member, what: 'left', seconds: null })),
      ...[...are.values()].flatMap((member) => changesOf(kind, were.get(member.name), member)),
    ];
  });
}

function changesOf(kind: Notice['kind'], was: Member | undefined, is: Member): Notice[] {
  const notice = (what: Notice['what'], seconds: number | null = null): Notice => ({
    kind,
    member: is.name,
    what,
    seconds,
  });
  if (was === undefined) return [notice('joined')];
  const found: Notice[] = [];
  if (was.state !== is.state && is.state !== 'unknown') found.push(notice(is.state));
  else if (was.pid !== is.pid && was.pid !== null && is.pid !== null) found.push(notice('restarted'));
  if (was.role !== is.role && was.role !== 'unknown' && is.role !== 'unknown') found.push(notice('role'));
  if (kind === 'channel') found.push(...failoversOf(was, is).map(([what, seconds]) => notice(what, seconds)));
  return found;
}

/** A replica that starts anew begins to count anew, so that a smaller number says nothing. */
function failoversOf(was: Member, is: Member): ['failover' | 'failback', number | null][] {
  const of = ({ load }: Member, name: string) => load[name] ?? 0;
  if (of(is, 'failovers') > of(was, 'failovers')) return [['failover', of(is, 'lastFailoverSeconds')]];
  const returned = is.role === 'active' && of(was, 'inUse') === 0 && of(is, 'inUse') > 0;
  return returned ? [['failback', null]] : [];
}

/** What a member is, as far as a picture of the cluster shows it: everything but its load. */
const shape = ({ gateways, replicas, brokers, channels, databases }: ClusterBody) => [
  ...[...gateways, ...replicas, ...databases].map(({ name, state, pid, role }) => [name, state, pid, role]),
  ...channels.map(({ name, state, role, load }) => [name, state, role, load['inUse']]),
  ...brokers.map(({ name, state, replicas: count }) => [name, state, count]),
];

export const looksDifferent = (before: ClusterBody, after: ClusterBody): boolean =>
  JSON.stringify(shape(before)) !== JSON.stringify(shape(after));
