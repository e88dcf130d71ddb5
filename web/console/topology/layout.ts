import type { ClusterBody, ClusterMember } from '#contracts';

/** Pixels, from the upper left corner of the picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Node {
  /** As the cluster calls it; `customers` stands for everybody outside. */
  readonly name: string;
  readonly kind: 'customers' | 'gateway' | 'replica' | 'channel';
  readonly box: Box;
  readonly member: ClusterMember | null;
}

/** A database, or one of its servers where it is mirrored. */
export interface DatabaseNode {
  readonly member: ClusterMember;
  readonly box: Box;
}

/** A broker instance: its replicas, and its database below them. */
export interface Group {
  readonly name: string;
  /** What `scale` calls it. */
  readonly scaleName: string;
  readonly replicas: number;
  readonly box: Box;
  readonly databases: readonly DatabaseNode[];
  /** Around all of them; messages leave from here, and arrive here. */
  readonly databaseBox: Box;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A way from one thing to another; a cubic curve. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly kind: 'call' | 'message';
  readonly curve: readonly [Point, Point, Point, Point];
  /** Whether both ends are up. */
  readonly isOpen: boolean;
}

export interface Layout {
  readonly isTall: boolean;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Node[];
  readonly groups: readonly Group[];
  readonly edges: readonly Edge[];
}

/** Narrower pictures are drawn from top to bottom instead of from left to right. */
const WIDE_MIN = 700;

/** Names need room. */
const TWO_COLUMNS_MAX = 430;

const NODE_H = 50;
const GAP = 12;
const PAD = 12;
const HEAD = 34;
const DATABASE_H = 34;
const DATABASE_GAP = 6;
const CHANNEL_H = 40;

export const CUSTOMERS = 'customers';

/** Where everything stands. The same cluster at the same width is always the same picture. */
export function layOut(cluster: ClusterBody, width: number): Layout {
  return width >= WIDE_MIN ? layOutWide(cluster, width) : layOutTall(cluster, width);
}

function layOutWide(cluster: ClusterBody, width: number): Layout {
  const [terminals, ...accounts] = brokersOf(cluster);
  const nodeW = Math.min(170, Math.max(112, width * 0.158));
  const groupW = nodeW + 2 * PAD;
  const databasesH = ({ databases }: Broker) =>
    Math.max(1, databases.length) * (DATABASE_H + DATABASE_GAP) - DATABASE_GAP;
  const heightOf = (broker: Broker) =>
    HEAD + broker.members.length * (NODE_H + GAP) - GAP + PAD + databasesH(broker) + PAD;
  const accountsH = accounts.reduce((sum, broker) => sum + heightOf(broker) + GAP, -GAP);
  const terminalsH = terminals === undefined ? 0 : heightOf(terminals);
  const height = Math.max(accountsH, terminalsH, 330) + 2 * PAD;

  const column = (members: readonly ClusterMember[], x: number, y: number) =>
    members.map((member, at) => nodeOf(member, { x, y: y + at * (NODE_H + GAP), w: nodeW, h: NODE_H }));
  const gatewaysH = cluster.gateways.length * (NODE_H + GAP) - GAP;
  const nodes: Node[] = [
    customers({ x: 0, y: height / 2 - NODE_H / 2, w: Math.min(92, nodeW), h: NODE_H }),
    ...column(cluster.gateways, width * 0.16, (height - gatewaysH) / 2),
  ];
  const groups: Group[] = [];
  const place = (broker: Broker | undefined, x: number, y: number) => {
    if (broker === undefined) return;
    const box = { x, y, w: groupW, h: heightOf(broker) };
    const databaseBox = { x: x + PAD, y: y + box.h - PAD - databasesH(broker), w: nodeW, h: databasesH(broker) };
    const below = (at: number) => ({
      ...databaseBox,
      y: databaseBox.y + at * (DATABASE_H + DATABASE_GAP),
      h: DATABASE_H,
    });
    groups.push(groupOf(broker, box, databaseBox, below));
    nodes.push(...column(broker.members, x + PAD, y + HEAD));
  };
  place(terminals, width * 0.395, (height - terminalsH) / 2);
  let y = (height - accountsH) / 2;
  for (const broker of accounts) {
    place(broker, width - groupW, y);
    y += heightOf(broker) + GAP;
  }
  const channelW = nodeW * 0.8;
  const channelsX = (width * 0.395 + groupW + width - groupW) / 2 - channelW / 2;
  const channelsY = height - PAD - cluster.channels.length * (CHANNEL_H + GAP);
  cluster.channels.forEach((member, at) => {
    nodes.push(
      nodeOf(member, { x: channelsX, y: channelsY + at * (CHANNEL_H + GAP), w: channelW, h: CHANNEL_H }, 'channel'),
    );
  });
  return { isTall: false, width, height, nodes, groups, edges: edgesOf(nodes, groups, cluster, false) };
}

function layOutTall(cluster: ClusterBody, width: number): Layout {
  const columns = width < TWO_COLUMNS_MAX ? 2 : 3;
  const groupW = width;
  const nodeW = (groupW - 2 * PAD - (columns - 1) * GAP) / columns;
  const nodes: Node[] = [];
  const groups: Group[] = [];
  let y = 0;
  const row = (members: readonly ClusterMember[], h = NODE_H, kind: Node['kind'] = 'replica') => {
    members.forEach((member, at) => {
      const inRow = Math.min(columns, members.length - Math.floor(at / columns) * columns);
      const rowW = inRow * nodeW + (inRow - 1) * GAP;
      const x = (width - rowW) / 2 + (at % columns) * (nodeW + GAP);
      nodes.push(nodeOf(member, { x, y: y + Math.floor(at / columns) * (h + GAP), w: nodeW, h }, kind));
    });
    y += Math.ceil(members.length / columns) * (h + GAP) - GAP;
  };
  const place = (broker: Broker) => {
    const top = y;
    y += HEAD;
    row(broker.members);
    y += PAD + DATABASE_H + PAD;
    const box = { x: 0, y: top, w: groupW, h: y - top };
    const databaseBox = { x: PAD, y: y - PAD - DATABASE_H, w: groupW - 2 * PAD, h: DATABASE_H };
    const databaseW = (databaseBox.w + DATABASE_GAP) / Math.max(1, broker.databases.length) - DATABASE_GAP;
    const beside = (at: number) => ({ ...databaseBox, x: PAD + at * (databaseW + DATABASE_GAP), w: databaseW });
    groups.push(groupOf(broker, box, databaseBox, beside));
    y += 3 * GAP;
  };
  const [terminals, ...accounts] = brokersOf(cluster);
  nodes.push(customers({ x: (width - nodeW) / 2, y, w: nodeW, h: CHANNEL_H }));
  y += CHANNEL_H + 3 * GAP;
  row(cluster.gateways);
  y += 3 * GAP;
  if (terminals !== undefined) place(terminals);
  row(cluster.channels, CHANNEL_H, 'channel');
  y += 3 * GAP;
  accounts.forEach(place);
  return { isTall: true, width, height: y, nodes, groups, edges: edgesOf(nodes, groups, cluster, true) };
}

interface Broker {
  readonly name: string;
  readonly members: readonly ClusterMember[];
  readonly databases: readonly ClusterMember[];
}

/** The terminals' one first. */
function brokersOf({ brokers, replicas, databases }: ClusterBody): Broker[] {
  const named = brokers.map(({ name }) => ({
    name,
    members: replicas.filter(({ broker }) => broker === name),
    databases: databases.filter((database) => keepsItsBooksIn(name, database)),
  }));
  return named.sort((one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name));
}

/** `account-a` keeps its own in `account_a`, and where that is mirrored in `account_a@postgres-1:5432` and others. */
function keepsItsBooksIn(broker: string, { name }: ClusterMember): boolean {
  const [database] = name.split('@');
  return database === broker.replaceAll('-', '_');
}

const rank = ({ members }: Broker) => (members[0]?.role === 'atm-terminal' ? 0 : 1);

function nodeOf(member: ClusterMember, box: Box, kind?: Node['kind']): Node {
  return { name: member.name, kind: kind ?? (member.kind === 'gateway' ? 'gateway' : 'replica'), box, member };
}

const customers = (box: Box): Node => ({ name: CUSTOMERS, kind: 'customers', box, member: null });

function groupOf(broker: Broker, box: Box, databaseBox: Box, boxAt: (at: number) => Box): Group {
  const { name, members } = broker;
  const databases = broker.databases
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map((member, at) => ({ member, box: boxAt(at) }));
  const scaleName = members[0]?.role === 'atm-terminal' ? 'atm-terminal' : name;
  return { name, scaleName, replicas: members.length, box, databases, databaseBox };
}

function edgesOf(nodes: readonly Node[], groups: readonly Group[], { brokers }: ClusterBody, isTall: boolean): Edge[] {
  const up = ({ member }: Node) => member === null || member.state === 'up';
  const calls = (from: Node, to: Node): Edge => ({
    ...{ from: from.name, to: to.name, kind: 'call', isOpen: up(from) && up(to) },
    curve: between(from.box, to.box, isTall),
  });
  const of = (kind: Node['kind'], role?: string) =>
    nodes.filter((node) => node.kind === kind && (role === undefined || node.member?.role === role));
  const [gateways, terminals, accounts] = [of('gateway'), of('replica', 'atm-terminal'), of('replica', 'account')];
  const messages = of('channel').flatMap((channel) =>
    groups.flatMap((group): Edge[] => {
      const isOpen = up(channel) && brokers.find(({ name }) => name === group.name)?.state === 'up';
      const shared = { kind: 'message', isOpen } as const;
      const isSource = group.scaleName === 'atm-terminal';
      const [first, second] = isSource ? [group.databaseBox, channel.box] : [channel.box, group.databaseBox];
      const curve = between(first, second, isTall);
      const back = [...curve].reverse() as unknown as Edge['curve'];
      return [
        { ...shared, from: group.name, to: channel.name, curve: isSource ? curve : back },
        { ...shared, from: channel.name, to: group.name, curve: isSource ? back : curve },
      ];
    }),
  );
  return [
    ...nodes.filter(({ kind }) => kind === 'customers').flatMap((from) => gateways.map((to) => calls(from, to))),
    ...gateways.flatMap((from) => terminals.map((to) => calls(from, to))),
    ...terminals.flatMap((from) => accounts.map((to) => calls(from, to))),
    ...messages,
  ];
}

/** From the side that looks at the other one, leaving and arriving straight. */
function between(from: Box, to: Box, isTall: boolean): Edge['curve'] {
  if (isTall) {
    const [start, end] = [
      { x: from.x + from.w / 2, y: from.y + from.h },
      { x: to.x + to.w / 2, y: to.y },
    ];
    const bend = (end.y - start.y) / 2;
    return [start, { x: start.x, y: start.y + bend }, { x: end.x, y: end.y - bend }, end];
  }
  const [start, end] = [
    { x: from.x + from.w, y: from.y + from.h / 2 },
    { x: to.x, y: to.y + to.h / 2 },
  ];
  const bend = (end.x - start.x) / 2;
  return [start, { x: start.x + bend, y: start.y }, { x: end.x - bend, y: end.y }, end];
}

/** A point of an edge; `share` from 0 (its beginning) to 1. */
export function pointOn([a, b, c, d]: Edge['curve'], share: number): Point {
  const rest = 1 - share;
  const along = (axis: 'x' | 'y') =>
    rest ** 3 * a[axis] + 3 * rest ** 2 * share * b[axis] + 3 * rest * share ** 2 * c[axis] + share ** 3 * d[axis];
  return { x: along('x'), y: along('y') };
}

export const pathOf = ([a, b, c, d]: Edge['curve']): string =>
  `M${a.x} ${a.y}C${b.x} ${b.y} ${c.x} ${c.y} ${d.x} ${d.y}`;
