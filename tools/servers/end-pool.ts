import type { Pool } from 'pg';

/** Resolves once the sockets are closed as well, which `pool.end()` does not wait for. With the last of them the servers are observed no more. */
export async function endPool(pool: Pool): Promise<void> {
  let open = pool.totalCount;
  const closed = new Promise<void>((resolve) => {
    pool.on('remove', () => {
      open -= 1;
      if (open <= 0) resolve();
    });
    if (open === 0) resolve();
  });
  await pool.end();
  await closed;
}
