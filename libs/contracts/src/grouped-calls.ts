import { z } from 'zod';

/**
 * Calls of one kind that a gateway makes at the same moment travel to a replica as one request: a JSON array of these. Each is what it would be by
 * itself, its body as the text that came.
 */
export const groupedCallsSchema = z.array(
  z.tuple([z.string().startsWith('/'), z.record(z.string(), z.string()), z.string()]),
);

/** Path, headers, and body of one call of a group. */
export type GroupedCall = z.infer<typeof groupedCallsSchema>[number];

/** A line of the answer, as JSON. Lines come in whatever order the calls are answered. */
export type GroupedAnswer = readonly [
  placeInGroup: number,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
];

/** Content type of such an answer. */
export const GROUPED_ANSWERS_TYPE = 'application/x-ndjson';

/** Where the atm-terminal service takes selections of withdrawals in groups. */
export const WITHDRAWAL_GROUPS_PATH = '/internal/withdrawals';

/** Most bytes of a group's bodies together: what comes beyond that forms another group. */
export const GROUP_BODY_BYTES_MAX = 256 * 1024;
