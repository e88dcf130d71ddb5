import type {
  Authorisation,
  AuthorisationResult,
  Balances,
  HostStatement,
  HostTransfer,
  HostTransferResult,
  PinVerification,
  PinVerificationResult,
} from '#contracts';
import { AccountHost, type HostAnswer } from '../src/host/account-host.js';

const PIN = '1234';

/**
 * An account host in memory: every card `4…n` has the account `ACC-n`, PIN 1234 and as much money as the test says. It counts what it is
 * asked, and is away while `reachable` is false.
 */
export class FakeAccountHost extends AccountHost {
  readonly accounts = new Map<string, bigint>();
  readonly authorised = new Map<string, AuthorisationResult>();
  readonly authorisations: Authorisation[] = [];
  readonly verifications: PinVerification[] = [];
  readonly transfers: HostTransfer[] = [];
  reachable = true;
  private readonly verified = new Map<string, PinVerificationResult>();

  constructor(private readonly broker: string) {
    super();
  }

  account(accountId: string, available: bigint): void {
    this.accounts.set(accountId, available);
  }

  override brokerOf(): string {
    return this.broker;
  }

  override answersByReplica(): Readonly<Record<string, number>> {
    return {};
  }

  override async exists(_broker: string, accountId: string): Promise<HostAnswer<boolean>> {
    return this.reachable ? { reached: true, value: this.accounts.has(accountId) } : { reached: false };
  }

  override async verifyPin(_broker: string, verification: PinVerification): Promise<HostAnswer<PinVerificationResult>> {
    if (!this.reachable) return { reached: false };
    this.verifications.push(verification);
    const earlier = this.verified.get(verification.attemptId);
    const value = earlier ?? this.judge(verification);
    this.verified.set(verification.attemptId, value);
    return { reached: true, value };
  }

  override async authorise(_broker: string, authorisation: Authorisation): Promise<HostAnswer<AuthorisationResult>> {
    this.authorisations.push(authorisation);
    if (!this.reachable) return { reached: false };
    const { withdrawalId, accountId, amount } = authorisation;
    const earlier = this.authorised.get(withdrawalId);
    if (earlier !== undefined) return { reached: true, value: earlier };
    const available = this.accounts.get(accountId) ?? 0n;
    const approved = available >= BigInt(amount);
    if (approved) this.account(accountId, available - BigInt(amount));
    const value = { approved, responseCode: approved ? '00' : '51', balances: this.balancesOf(accountId) };
    this.authorised.set(withdrawalId, value);
    return { reached: true, value };
  }

  override async balances(_broker: string, accountId: string): Promise<HostAnswer<Balances>> {
    return this.reachable ? { reached: true, value: this.balancesOf(accountId) } : { reached: false };
  }

  override async statement(): Promise<HostAnswer<HostStatement>> {
    return this.reachable ? { reached: true, value: { entries: [] } } : { reached: false };
  }

  override async transfer(
    _broker: string,
    transfer: HostTransfer,
  ): Promise<HostAnswer<HostTransferResult | 'unknown-target'>> {
    this.transfers.push(transfer);
    if (!this.reachable) return { reached: false };
    if (!this.accounts.has(transfer.toAccountId)) return { reached: true, value: 'unknown-target' };
    const posted = (this.accounts.get(transfer.fromAccountId) ?? 0n) >= BigInt(transfer.amount);
    const balances = this.balancesOf(transfer.fromAccountId);
    return { reached: true, value: { posted, responseCode: posted ? '00' : '51', balances } };
  }

  balancesOf(accountId: string): Balances {
    const available = String(this.accounts.get(accountId) ?? 0n);
    const asOf = new Date().toISOString();
    return { accountId, ledger: available, held: '0', available, currency: 'EUR', asOf };
  }

  private judge({ cardNumber, pin }: PinVerification): PinVerificationResult {
    const accountId = accountOf(cardNumber);
    if (!this.accounts.has(accountId)) return { outcome: 'unknown-card' };
    if (pin !== PIN) return { outcome: 'wrong-pin', triesLeft: 2 };
    const maskedNumber = `${cardNumber.slice(0, 6)}******${cardNumber.slice(-4)}`;
    const balances = this.balancesOf(accountId);
    return { outcome: 'verified', cardToken: `token-of-${accountId}`, maskedNumber, balances };
  }
}

export const accountOf = (cardNumber: string) => `ACC-${cardNumber.slice(-4)}`;
