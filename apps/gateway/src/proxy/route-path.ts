import type { HttpCall } from '#contracts';

/** `/v1/sessions/{sessionId}` as the router has it: `/v1/sessions/:sessionId`. */
export function routePath(call: HttpCall): string {
  return call.path.replaceAll(/\{(\w+)\}/g, ':$1');
}
