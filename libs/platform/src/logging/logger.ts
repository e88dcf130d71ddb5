import type { LoggerService } from '@nestjs/common';
import { pino, stdTimeFunctions, type Logger } from 'pino';
import { TRACE_CONTEXT, traceIdOf } from '#tracing';

/** Paths that are blanked wherever they appear in a logged object. */
const REDACTED = ['pin', 'cardNumber', 'token', 'authorization', 'x-terminal-key', 'x-cluster-key', 'body'];

/** JSON lines on standard output, one logger per process; those of a trace carry its id. */
export function createLogger(options: { replica: string; level: string }): Logger {
  return pino({
    level: options.level,
    base: { replica: options.replica },
    timestamp: stdTimeFunctions.isoTime,
    mixin: traceOfLine,
    redact: {
      paths: REDACTED.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]),
      censor: '[redacted]',
    },
  });
}

function traceOfLine(): { traceId?: string } {
  const traceparent = TRACE_CONTEXT.current();
  return traceparent === undefined ? {} : { traceId: traceIdOf(traceparent) };
}

/** Nest's own messages, through the same logger; Nest's start-up chatter is debug. */
export function nestLogger(logger: Logger): LoggerService {
  const child = (parameters: unknown[]) => ({ context: parameters.at(-1) });
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(child(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) => logger.error({ ...child(rest), stack: rest[0] }, String(message)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(child(rest), String(message)),
    debug: (message: unknown, ...rest: unknown[]) => logger.debug(child(rest), String(message)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.trace(child(rest), String(message)),
  };
}
