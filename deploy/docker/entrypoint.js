// Starts the app named by the command (`account`, `atm-terminal`, `gateway`), under the name that people see in
// `docker ps`: the container's name, which the engine's own name server knows (the host name is only a random id).
import { Resolver } from 'node:dns/promises';
import { hostname, networkInterfaces } from 'node:os';

const APPS = ['account', 'atm-terminal', 'gateway'];
const app = process.argv[2];
if (!APPS.includes(app)) {
  process.stderr.write(`which app? one of ${APPS.join(', ')}\n`);
  process.exit(64);
}

process.env.REPLICA_NAME ||= (await containerName()) ?? `${app}-${hostname()}`;
await import(`./dist/apps/${app}/src/main.js`);

async function containerName() {
  const resolver = new Resolver({ timeout: 500, tries: 2 });
  const addresses = Object.values(networkInterfaces()).flat();
  for (const { address, family, internal } of addresses) {
    if (internal || family !== 'IPv4') continue;
    const names = await resolver.resolvePtr(`${address.split('.').reverse().join('.')}.in-addr.arpa`).catch(() => []);
    const name = names[0]?.split('.')[0]?.replace(/^.*?[-_](?=(account|atm-terminal|gateway)[-_]\d)/, '');
    if (name) return name;
  }
  return null;
}
