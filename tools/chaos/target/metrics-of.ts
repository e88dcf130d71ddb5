import { request } from 'undici';

const METRICS_MS_MAX = 2_000;

/** What a process counts, as Prometheus reads it; null where it does not answer in time. */
export async function metricsOf(url: string): Promise<string | null> {
  try {
    const limits = { headersTimeout: METRICS_MS_MAX, bodyTimeout: METRICS_MS_MAX };
    const { body } = await request(`${url}/metrics`, limits);
    return await body.text();
  } catch {
    return null;
  }
}
