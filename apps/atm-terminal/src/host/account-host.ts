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

/** An answer of the host, or that there is none: out of reach, too slow, or not able to say. Nothing is known of the call's effect then. */
export type HostAnswer<T> =
  | {
      readonly reached: true;
      readonly value: T;
      /** The replica that answered, where the adapter knows. */
      readonly replica?: string;
    }
  | { readonly reached: false };

/**
 * The account service as atm-terminal calls it, synchronously. Every call is idempotent by the id in it and is repeated on other replicas
 * within its time; none rejects because the host is away. Also the injection token.
 */
export abstract class AccountHost {
  /** The broker instance that has this card or account, by its number; null where none has. */
  abstract brokerOf(number: string): string | null;

  /** How many calls each replica of the host has answered, by its name. */
  abstract answersByReplica(): Readonly<Record<string, number>>;

  abstract verifyPin(broker: string, verification: PinVerification): Promise<HostAnswer<PinVerificationResult>>;
  abstract authorise(broker: string, authorisation: Authorisation): Promise<HostAnswer<AuthorisationResult>>;
  abstract balances(broker: string, accountId: string): Promise<HostAnswer<Balances>>;
  abstract exists(broker: string, accountId: string): Promise<HostAnswer<boolean>>;
  abstract statement(broker: string, accountId: string, limit: number): Promise<HostAnswer<HostStatement>>;

  /** `unknown-target` where there is no such account. */
  abstract transfer(broker: string, transfer: HostTransfer): Promise<HostAnswer<HostTransferResult | 'unknown-target'>>;
}
