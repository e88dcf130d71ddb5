/** What may be the name of a service, broker or replica: it becomes part of the name of a queue. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Returns `name`; throws where it cannot be part of the name of a queue. */
export function queueNamePart(name: string): string {
  if (!NAME.test(name)) throw new RangeError(`"${name}" cannot name a service, broker or replica`);
  return name;
}

/** Messages and express requests to a service of one broker; all its replicas read it. */
export const requestQueue = (service: string, broker: string) => `${queueNamePart(service)}.${queueNamePart(broker)}`;

/** What any broker that has the service may take: messages and requests for which a route leaves the broker open. */
export const serviceQueue = (service: string) => queueNamePart(service);

/** Answers to recoverable messages; any replica of the broker may take them, since what they answer is in its database. */
export const answerQueue = (broker: string) => `${queueNamePart(broker)}.answers`;

/** Express answers: only the replica that asked has the question in its memory. */
export const expressAnswerQueue = (broker: string, replica: string) =>
  `${queueNamePart(broker)}.${queueNamePart(replica)}`;
