import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Atm } from '../tools/atm/atm.js';
import { granted, OPENING, sessionOf } from '../tools/atm/demo-customers.js';
import { freePort } from '../tools/servers/free-port.js';
import { withEngine } from './cluster/container-engine.js';
import { eventually } from '../tools/eventually.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..');

/** Two ports in a row that are free. */
async function freePair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = await fetch(`http://127.0.0.1:${port + 1}`).then(
      () => false,
      () => true,
    );
    if (next) return port;
  }
}

/** Goal: `docker compose up` is the same bank. Method: the compose file as it stands, on free ports, with containers killed. */
withEngine('the bank in containers', () => {
  const project = `cashpoint-test-${randomBytes(3).toString('hex')}`;
  let ports: number;
  let atm: Atm;

  const compose = (...args: string[]) =>
    run('docker', ['compose', '--project-name', project, ...args], {
      cwd: ROOT,
      env: { ...process.env, CASHPOINT_PORTS: `${ports}-${ports + 1}` },
      maxBuffer: 64 * 1024 * 1024,
    });

  beforeAll(async () => {
    ports = await freePair();
    await compose('up', '--build', '--detach', '--wait', '--quiet-pull');
    const gateways = [ports, ports + 1].map((port) => `http://127.0.0.1:${port}`);
    atm = new Atm({ gateways, terminalId: 'ATM-001' });
  }, 600_000);

  afterAll(async () => {
    await atm?.close();
    await compose('down', '--volumes', '--remove-orphans', '--timeout', '5');
  }, 120_000);

  async function takeCash(card: number): Promise<void> {
    const session = await sessionOf(atm, card);
    const { withdrawalId } = granted(await atm.withdraw(session, 20_000));
    expect(granted(await atm.untilEnded(session, withdrawalId))).toMatchObject({ state: 'settled', amount: 20_000 });
  }

  async function audit() {
    const response = await fetch(`http://127.0.0.1:${ports}/v1/operator/audit`, {
      headers: { authorization: 'Bearer demo-operator' },
    });
    return (await response.json()) as { balanced: boolean; inFlight: number; checks: { ok: boolean }[] };
  }

  it('takes cash, and every balance is right', async () => {
    const session = await sessionOf(atm, 1);
    await takeCash(1);
    expect(granted(await atm.balance(session))).toMatchObject({ ledger: OPENING - 20_000, source: 'host' });
  }, 60_000);

  it('does so while containers are killed', async () => {
    for (const service of ['account-1', 'atm-terminal-1', 'redis-active-1', 'account-2']) {
      await run('docker', ['kill', `${project}-${service}`]);
      await takeCash(2);
    }
    await compose('up', '--detach', '--wait', '--no-build');
    const quiet = await eventually('a quiet audit', async () => {
      const found = await audit();
      return found.inFlight === 0 && found;
    });
    expect(quiet.checks.filter(({ ok }) => !ok)).toEqual([]);
  }, 180_000);

  it('runs nothing as root and publishes only the gateways', async () => {
    const { stdout } = await compose('ps', '--quiet');
    for (const id of stdout.trim().split('\n')) {
      const { stdout: text } = await run('docker', [
        'inspect',
        '--format',
        '{{.Config.User}} {{.Name}} {{json .NetworkSettings.Ports}}',
        id,
      ]);
      const [user, name, ports] = text.trim().split(' ');
      expect([name, user]).toEqual([name, expect.stringMatching(/^(node|postgres|redis)$/)]);
      expect([name, (ports ?? '').includes('HostPort')]).toEqual([name, (name ?? '').includes('gateway')]);
    }
  }, 60_000);

  it('scales and drains', async () => {
    await compose('up', '--detach', '--wait', '--no-build', '--scale', 'account=4');
    await takeCash(3);
    await compose('up', '--detach', '--wait', '--no-build', '--scale', 'account=2');
    await takeCash(3);
  }, 180_000);
});
