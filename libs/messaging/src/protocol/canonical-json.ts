import type { JsonValue } from './envelope.js';

/**
 * One text for equal values, whatever the order of their keys: what was stored as jsonb and sent again must read the
 * same as what was sent first. Follows RFC 8785 for everything that `JsonValue` can hold.
 */
export function canonicalJson(value: JsonValue): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  let members = '';
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `{${members}}`;
}

const isArray = (value: object): value is readonly JsonValue[] => Array.isArray(value);
