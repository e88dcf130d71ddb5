import { request } from 'undici';
import { within } from '../../within.js';

const METRICS_MS_MAX = 2_000;

/** What a process counts, as Prometheus reads it; null where it does not answer in time. */
export async function metricsOf(url: string): Promise<string | null> {
  try {
    return await within('metrics', METRICS_MS_MAX, read(`${url}/metrics`));
  } catch {
    return null;
  }
}

async function read(url: string): Promise<string> {
  const { body } = await request(url, { headersTimeout: METRICS_MS_MAX, bodyTimeout: METRICS_MS_MAX });
  return body.text();
}
