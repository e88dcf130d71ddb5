import type { SqlTransaction } from '#database';
import type { JsonValue } from '../protocol/envelope.js';
import type { FailurePolicy } from '../protocol/failures.js';
import type { BodySchema, ReceivedAnswer, ReceivedMessage, Upcast } from '../nest/decorators.js';

/** The methods that handle what arrives, whatever object they belong to. */
export type Handler = {
  readonly service: string;
  readonly type: string;
  readonly version: number;
  readonly schema: BodySchema;
  /** From older versions, by the version that they turn into the next. */
  readonly upcasts?: Readonly<Record<number, Upcast>>;
} & (
  | {
      readonly kind: 'messages';
      readonly failures?: Partial<FailurePolicy>;
      readonly handle: (messages: readonly ReceivedMessage<unknown>[], tx: SqlTransaction) => Promise<JsonValue[]>;
    }
  | {
      readonly kind: 'answers';
      readonly handle: (answers: readonly ReceivedAnswer<unknown, unknown>[], tx: SqlTransaction) => Promise<void>;
    }
  | { readonly kind: 'express'; readonly handle: (body: unknown) => Promise<JsonValue> }
);

export type HandlerOf<Kind extends Handler['kind']> = Extract<Handler, { readonly kind: Kind }>;

/** Finds handlers by kind, service, message type and version. */
export class Handlers {
  private readonly byKey = new Map<string, Handler>();
  private readonly served = new Set<string>();

  /** Throws where two handlers claim the same, or upcasts do not lead up to a handler's version. */
  constructor(handlers: readonly Handler[]) {
    for (const handler of handlers) {
      for (const version of versionsOf(handler)) {
        const key = keyOf(handler.kind, handler.service, handler.type, version);
        if (this.byKey.has(key)) throw new Error(`two handlers for ${key}`);
        this.byKey.set(key, handler);
      }
      if (handler.kind !== 'answers') this.served.add(handler.service);
    }
  }

  find<Kind extends Handler['kind']>(
    kind: Kind,
    service: string,
    type: string,
    version: number,
  ): HandlerOf<Kind> | undefined {
    return this.byKey.get(keyOf(kind, service, type, version)) as HandlerOf<Kind> | undefined;
  }

  /** Whether messages to the service are handled here. */
  serves(service: string): boolean {
    return this.served.has(service);
  }

  /** Services that take messages or express requests here. */
  services(): string[] {
    return [...this.served];
  }
}

const keyOf = (kind: Handler['kind'], service: string, type: string, version: number) =>
  `${kind} of ${service}: ${type} v${version}`;

/** The version of a handler and those that it can turn into it. */
function versionsOf({ type, version, upcasts = {} }: Handler): number[] {
  const older = Object.keys(upcasts).map(Number);
  const oldest = Math.min(version, ...older);
  const versions = Array.from({ length: version - oldest + 1 }, (_, index) => oldest + index);
  if (oldest < 1 || older.length !== versions.length - 1 || older.some((one) => !versions.includes(one))) {
    throw new Error(`upcasts of ${type} do not lead up to version ${version} one by one`);
  }
  return versions;
}

/** A body does not have the form that its handler asks for. */
export class InvalidBody extends Error {}

/** The body of a message of version `version` as its handler wants it. Throws `InvalidBody`, or what an upcast throws. */
export function upcastBody(
  { version: to, upcasts = {}, schema }: Pick<Handler, 'version' | 'upcasts' | 'schema'>,
  version: number,
  body: JsonValue,
): Promise<unknown> {
  let current = body;
  for (let from = version; from < to; from++) current = upcasts[from]?.(current) ?? null;
  return validBody(schema, current);
}

/** The body as the schema returns it. Throws `InvalidBody`, which never repeats values of the body. */
export async function validBody(schema: BodySchema, body: JsonValue): Promise<unknown> {
  const result = (await schema['~standard'].validate(body)) as
    | { readonly value: unknown; readonly issues?: undefined }
    | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };
  if (result.issues === undefined) return result.value;
  const paths = result.issues.map(({ path }) => (path ?? []).map(segment).join('.'));
  throw new InvalidBody(`body is invalid at: ${paths.join(', ')}`);
}

/** A segment of a Standard Schema path is a key or an object with a key. */
const segment = (part: unknown) => String((part as { key?: unknown } | null)?.key ?? part);
