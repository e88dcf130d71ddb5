/** One event of a stream in `text/event-stream`. */
export interface ServerSentEvent {
  readonly id: string;
  readonly kind: string;
  readonly data: string;
}

/**
 * Reads the format of the HTML standard ("Server-sent events") from text as it comes in, cut anywhere. `EventSource` would do it, too, but can
 * send no token except in the address, where logs would keep it.
 */
export class EventReader {
  private rest = '';

  /** The events that are complete now. Comments and everything unknown are left out. */
  take(text: string): ServerSentEvent[] {
    const blocks = (this.rest + text).split(/\r?\n\r?\n/);
    this.rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => eventOf(block) ?? []);
  }
}

function eventOf(block: string): ServerSentEvent | null {
  let id = '';
  let kind = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r?\n/)) {
    const [, field, value = ''] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    if (field === 'id') id = value;
    if (field === 'event') kind = value;
    if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { id, kind, data: data.join('\n') };
}
