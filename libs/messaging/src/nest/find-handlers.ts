import { type DiscoveryService, type MetadataScanner, Reflector } from '@nestjs/core';
import type { TraceContext } from '#tracing';
import type { Handler } from '../engine/handlers.js';
import { MESSAGE_HANDLER, MESSAGE_SERVICE, type MessageHandlerOptions, type ReceivedMessage } from './decorators.js';

type HandlerMetadata = MessageHandlerOptions & { readonly kind: Handler['kind']; readonly single?: boolean };

type Method = (...values: unknown[]) => Promise<unknown>;

/** The decorated methods of all providers under `MessageService`. */
export function findHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  reflector: Reflector,
  traces: TraceContext,
): Handler[] {
  const endpoints = discovery
    .getProviders()
    .map(({ instance, metatype }) => ({ instance: instance as unknown, metatype }))
    .filter(
      ({ instance, metatype }) => typeof instance === 'object' && instance !== null && typeof metatype === 'function',
    );
  return endpoints.flatMap(({ instance, metatype }) => {
    const service = reflector.get<string | undefined>(MESSAGE_SERVICE, metatype as Method);
    return service === undefined ? [] : handlersOf(instance as object, service, scanner, reflector, traces);
  });
}

function handlersOf(
  instance: object,
  service: string,
  scanner: MetadataScanner,
  reflector: Reflector,
  traces: TraceContext,
): Handler[] {
  const methods = instance as Readonly<Record<string, Method>>;
  return scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object).flatMap((name) => {
    const method = methods[name];
    const metadata = method && reflector.get<HandlerMetadata | undefined>(MESSAGE_HANDLER, method);
    if (method === undefined || metadata === undefined) return [];
    const { single, ...options } = metadata;
    const bound = method.bind(instance);
    return [{ ...options, service, handle: single === true ? oneByOne(bound, traces) : bound } as Handler];
  });
}

/**
 * A handler of single messages as one of batches: in their order, in the one transaction that they arrived for, each in its own
 * trace.
 */
const oneByOne =
  (handle: Method, traces: TraceContext): Method =>
  async (messages, tx) => {
    const answers: unknown[] = [];
    for (const message of messages as readonly ReceivedMessage<unknown>[]) {
      answers.push(await traces.run(message.traceparent, () => handle(message, tx)));
    }
    return answers;
  };
