import type { Notes } from '#money';

/** What the machine is told to give. */
export interface DispenseCommand {
  readonly withdrawalId: string;
  readonly terminalId: string;
  readonly notes: readonly Notes[];
}

/**
 * What became of a command. Notes that are in none of the lists never left their cassettes. `voided` is a command that was
 * called off before it came: nothing moved, and nothing ever will.
 */
export type DispenseOutcome =
  | {
      readonly outcome: 'all' | 'part' | 'none' | 'retracted';
      readonly taken: readonly Notes[];
      readonly rejected: readonly Notes[];
      readonly retracted: readonly Notes[];
    }
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'voided' };

/**
 * The cash dispenser, a device with a memory of its own. Both calls are idempotent by the withdrawal's id: whichever comes first decides,
 * and every later one, from whatever replica, is told what was decided. Also the injection token.
 */
export abstract class Dispenser {
  /** Gives the notes, unless the id was dispensed or called off before. */
  abstract dispense(command: DispenseCommand): Promise<DispenseOutcome>;

  /** Calls the id off: tells what was dispensed, or makes sure that nothing ever is. */
  abstract void(command: DispenseCommand): Promise<DispenseOutcome>;
}
