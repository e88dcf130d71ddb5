/** Headers of the public HTTP contract, and those that only travel inside the cluster. All in lower case, as Node has them. */
export const HEADER = {
  /** Public: the terminal's identity. The gateway checks it and never passes it on. */
  terminalKey: 'x-terminal-key',
  idempotencyKey: 'idempotency-key',
  idempotencyReplayed: 'idempotency-replayed',
  requestId: 'x-request-id',
  /** Replica that served the call; gateway that it came through. */
  servedBy: 'x-served-by',
  gateway: 'x-gateway',
  /** Inside only: proves that the caller is a part of the cluster. */
  clusterKey: 'x-cluster-key',
  /** Inside only: the terminal that the gateway authenticated. */
  terminalId: 'x-terminal-id',
  /** Inside only: the idempotency key is the gateway's own, given so that it may retry; its answer need not be kept for replay. */
  keyAssigned: 'x-idempotency-assigned',
  /** Inside only, on a 502 or 503: this replica cannot do it, another one may. Never reaches a client. */
  replicaUnable: 'x-replica-unable',
} as const;

/** A client's Idempotency-Key: 1 to 128 printable ASCII characters (draft-ietf-httpapi-idempotency-key-header). */
export const IDEMPOTENCY_KEY_PATTERN = /^[\x21-\x7e]{1,128}$/;
