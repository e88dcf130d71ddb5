import type { AuditBody, AuditCheck, Digest, HostAudit, TerminalAudit } from '#contracts';

/** The account side of the audit, as one broker instance answered it. */
export interface BrokerAudit {
  readonly broker: string;
  readonly audit: HostAudit;
}

type Cash = TerminalAudit['cash'][number];
type HostCash = HostAudit['cash'][number];

/**
 * Puts both sides of the audit beside each other. Each side was read in one transaction and leaves out what is still on its way
 * (`inFlight`), so what remains must be equal to the cent, withdrawal by withdrawal. Balanced where every check is ok.
 */
export function combineAudit(
  terminal: TerminalAudit,
  brokers: readonly BrokerAudit[],
  transfersInFlight = 0,
): AuditBody {
  const hosts = brokers.map(({ audit }) => audit);
  const checks = [
    ...terminal.checks.map((check) => named(check, 'terminal')),
    ...brokers.flatMap(({ broker, audit }) => audit.checks.map((check) => named(check, broker))),
    ...compareDigests('withdrawals', terminal.withdrawals, addDigests(hosts.map(({ withdrawals }) => withdrawals))),
    ...compareDigests('deposits', terminal.deposits, addDigests(hosts.map(({ deposits }) => deposits))),
    ...compareCash(
      terminal,
      hosts.flatMap(({ cash }) => cash),
    ),
    ...compareTransfers(brokers),
    compare('no hold is left without a withdrawal that needs it', 0, sum(hosts.map(({ strayHolds }) => strayHolds))),
    compare('no message is parked for an operator', 0, sum(hosts.map(({ parkedMessages }) => parkedMessages))),
  ];
  return { balanced: checks.every(({ ok }) => ok), inFlight: terminal.inFlight.length + transfersInFlight, checks };
}

const named = (check: AuditCheck, source: string): AuditCheck => ({ ...check, name: `${source}: ${check.name}` });

function compare(name: string, expected: string | number, observed: string | number): AuditCheck {
  return { name, ok: expected === observed, expected, observed };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);

/** Digests are sums over their elements, so the digest of several disjoint sets is the sum of theirs. */
function addDigests(digests: readonly Digest[]): Digest {
  const add = (values: readonly string[]) => String(values.reduce((total, value) => total + BigInt(value), 0n));
  return {
    count: sum(digests.map(({ count }) => count)),
    amount: add(digests.map(({ amount }) => amount)),
    hash: add(digests.map(({ hash }) => hash)),
  };
}

function compareDigests(what: string, atTerminals: Digest, inLedger: Digest): AuditCheck[] {
  return [
    compare(`${what} at the terminals are those in the ledger: number`, atTerminals.count, inLedger.count),
    compare(`${what} at the terminals are those in the ledger: amount`, atTerminals.amount, inLedger.amount),
    compare(`${what} at the terminals are those in the ledger: each one`, atTerminals.hash, inLedger.hash),
  ];
}

/** What one broker has sent to another must be what that one has received from it; over all of them clearing then sums to zero. */
function compareTransfers(brokers: readonly BrokerAudit[]): AuditCheck[] {
  if (brokers.length < 2) return [];
  const transfers = (at: BrokerAudit, other: string) =>
    at.audit.transfers.find(({ broker }) => broker === other) ?? { out: NOTHING, in: NOTHING };
  const pairs = brokers.flatMap((from) => brokers.filter((to) => to !== from).map((to) => [from, to] as const));
  const amounts = brokers.flatMap(({ audit }) =>
    audit.transfers.flatMap((one) => [one.out.amount, `-${one.in.amount}`]),
  );
  return [
    ...pairs.map(([from, to]) => {
      const sent = transfers(from, to.broker).out;
      const credited = transfers(to, from.broker).in;
      const name = `transfers from ${from.broker} are credited at ${to.broker}: each one`;
      return compare(name, transferred(sent), transferred(credited));
    }),
    compare(
      'transfer clearing over all brokers sums to zero',
      '0',
      String(amounts.reduce((sum, one) => sum + BigInt(one), 0n)),
    ),
  ];
}

const NOTHING: Digest = { count: 0, amount: '0', hash: '0' };
const transferred = ({ count, amount, hash }: Digest) => `${count} transfers of ${amount}, ${hash}`;

/** Facts about each terminal's cash that its own record and the ledger know independently of each other. */
const CASH_FACTS: readonly {
  readonly name: string;
  readonly atTerminal: (cash: Cash) => bigint;
  readonly inLedger: (cash: HostCash) => bigint;
}[] = [
  {
    name: 'notes that left the cassettes are the ledger credits to ATM cash',
    atTerminal: (cash) => BigInt(cash.taken) + binsOf(cash) + BigInt(cash.suspense),
    inLedger: (cash) => BigInt(cash.atmCash),
  },
  {
    name: 'notes taken are what customers were debited',
    atTerminal: (cash) => BigInt(cash.taken),
    inLedger: (cash) => BigInt(cash.taken),
  },
  { name: 'notes in the bins are booked there', atTerminal: binsOf, inLedger: (cash) => BigInt(cash.bins) },
  {
    name: 'notes in doubt stand in suspense',
    atTerminal: (cash) => BigInt(cash.suspense),
    inLedger: (cash) => BigInt(cash.suspense),
  },
  {
    name: 'notes put in are booked as deposits',
    atTerminal: (cash) => BigInt(cash.deposited),
    inLedger: (cash) => BigInt(cash.deposited),
  },
];

function binsOf(cash: Cash): bigint {
  return BigInt(cash.rejected) + BigInt(cash.retracted);
}

function compareCash(terminal: TerminalAudit, ledger: readonly HostCash[]): AuditCheck[] {
  const checks = CASH_FACTS.map(({ name, atTerminal, inLedger }) =>
    compareByTerminal(name, totals(terminal.cash, atTerminal), totals(ledger, inLedger)),
  );
  checks.push(authorisedOrStoodIn(terminal.cash, ledger));
  if (terminal.inFlight.length > 0) return checks;
  const missing = totals(terminal.cash, ({ loaded, remaining }) => BigInt(loaded) - BigInt(remaining));
  const credited = totals(ledger, ({ atmCash }) => BigInt(atmCash));
  return [
    ...checks,
    compareByTerminal('notes missing from the cassettes are the ledger credits to ATM cash', missing, credited),
  ];
}

/** A host may have approved what it could not say in time, so that more may have stood in than was posted without an approval; never less. */
function authorisedOrStoodIn(atTerminals: readonly Cash[], ledger: readonly HostCash[]): AuditCheck {
  const stoodIn = totals(atTerminals, (cash) => BigInt(cash.stoodIn));
  const unauthorised = totals(ledger, (cash) => BigInt(cash.unauthorised));
  const beyond = [...unauthorised].filter(([terminalId, amount]) => amount > (stoodIn.get(terminalId) ?? 0n));
  return {
    name: 'what the host posted without having approved it had stood in',
    ok: beyond.length === 0,
    expected: 'nothing beyond stand-in',
    observed:
      beyond.length === 0 ? 'nothing beyond stand-in' : beyond.map(([id, amount]) => `${id}: ${amount}`).join(', '),
  };
}

/** By terminal; a terminal may have cash in the ledgers of several brokers. */
function totals<Row extends { readonly terminalId: string }>(
  rows: readonly Row[],
  amountOf: (row: Row) => bigint,
): Map<string, bigint> {
  const byTerminal = new Map<string, bigint>();
  for (const row of rows) byTerminal.set(row.terminalId, (byTerminal.get(row.terminalId) ?? 0n) + amountOf(row));
  return byTerminal;
}

/** One check over all terminals; it names those that differ. A terminal that one side does not know counts as zero there. */
function compareByTerminal(name: string, expected: Map<string, bigint>, observed: Map<string, bigint>): AuditCheck {
  const terminals = [...new Set([...expected.keys(), ...observed.keys()])].sort();
  const differing = terminals.filter((id) => (expected.get(id) ?? 0n) !== (observed.get(id) ?? 0n));
  const told = (amounts: Map<string, bigint>) =>
    differing.length === 0
      ? String([...amounts.values()].reduce((total, amount) => total + amount, 0n))
      : differing.map((id) => `${id}: ${amounts.get(id) ?? 0n}`).join(', ');
  return { name, ok: differing.length === 0, expected: told(expected), observed: told(observed) };
}
