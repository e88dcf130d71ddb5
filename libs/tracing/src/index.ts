export { TRACE_CONTEXT } from './trace-context.js';
export type { TraceContext } from './trace-context.js';
export { isTraceparent, newTraceparent, traceIdOf } from './traceparent.js';
