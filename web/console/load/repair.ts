import type { ClusterBody, ClusterMember } from '#contracts';
import type { Operator } from '../api/operator.js';

/** What a supervisor calls a member: a channel is a process of its kind. */
export const processOf = ({ name, kind }: ClusterMember): string =>
  kind === 'gateway' || kind === 'replica' ? name : `${kind}-${name}`;

/** Channels on PostgreSQL are databases of a server that has other work, too: there is nothing to kill on its own. */
export const isProcess = ({ kind }: Pick<ClusterMember, 'kind'>): boolean => kind !== 'postgres';

export const downIn = ({ gateways, replicas, channels }: ClusterBody): ClusterMember[] =>
  [...gateways, ...replicas, ...channels].filter(({ state }) => state !== 'up');

/** Starts or wakes whatever is not up; rejects where one of them cannot be. */
export async function bringEverythingBack(operator: Pick<Operator, 'cluster' | 'act'>): Promise<void> {
  const down = downIn(await operator.cluster()).filter(isProcess);
  await Promise.all(down.map((member) => operator.act(processOf(member), 'start')));
}
