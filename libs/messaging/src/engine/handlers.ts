import type { SqlTransaction } from '#database';
import type { JsonValue } from '../protocol/envelope.js';
import type { BodySchema, ReceivedAnswer, ReceivedMessage } from '../nest/decorators.js';

/** The methods that handle what arrives, whatever object they belong to. */
export type Handler = {
  readonly service: string;
  readonly type: string;
  readonly version: number;
  readonly schema: BodySchema;
} & (
  | {
      readonly kind: 'messages';
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

  /** Throws where two handlers claim the same. */
  constructor(handlers: readonly Handler[]) {
    for (const handler of handlers) {
      const key = keyOf(handler.kind, handler.service, handler.type, handler.version);
      if (this.byKey.has(key)) throw new Error(`two handlers for ${key}`);
      this.byKey.set(key, handler);
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

  /** Services that take messages or express requests here. */
  services(): string[] {
    const serving = [...this.byKey.values()].filter(({ kind }) => kind !== 'answers');
    return [...new Set(serving.map(({ service }) => service))];
  }
}

const keyOf = (kind: Handler['kind'], service: string, type: string, version: number) =>
  `${kind} of ${service}: ${type} v${version}`;

/** A body does not have the form that its handler asks for. */
export class InvalidBody extends Error {}

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
