import type { TrailStep, WithdrawalState } from '#contracts';
import { catalog } from './catalog.js';

/** How a withdrawal stands, its steps, and what the parts of the bank note beside them. */
const en = {
  states: {
    'awaiting-amount': 'amount awaited',
    authorising: 'being authorised',
    dispensing: 'being dispensed',
    dispensed: 'dispensed',
    settled: 'settled',
    declined: 'declined',
    reversing: 'being reversed',
    reversed: 'reversed',
    suspense: 'in suspense',
  } satisfies Record<WithdrawalState, string>,
  steps: {
    selected: 'withdrawal known',
    'balance-asked': 'balance request, nobody waits',
    'balance-asked-again': 'balance request sent again',
    'balance-served': 'balance read',
    'balance-heard': 'balance, kept for stand-in',
    'balance-late': 'late balance, dropped',
    'balance-unknown': 'balance not known',
    authorised: 'hold placed',
    refused: 'hold refused',
    intended: 'intent committed',
    declined: 'declined',
    dispensed: 'dispenser commanded, once',
    outcome: 'outcome and advice: one commit',
    settled: 'answer committed: settled',
    posted: 'inbox, ledger, answer: one commit',
    sent: 'advice sent',
    'sent-again': 'advice sent again',
    applied: 'applied',
    repeated: 'duplicate: stored answer',
    answered: 'answer',
    'answered-late': 'late answer, dropped',
  } satisfies Record<TrailStep['kind'] | 'refused', string>,
  /** What is not among these (response codes, counts) is shown as it is. */
  details: {
    'timed-out': 'no answer in time',
    error: 'refused',
    'amount-entered': 'notes reserved',
    'stood-in': 'stand-in, within limits',
    declined: 'declined',
    'host-unavailable': 'host out of reach',
    abandoned: 'its replica left it',
    'notes-taken': 'notes given',
    'nothing-taken': 'nothing given',
    'outcome-unknown': 'outcome unknown',
    all: 'all notes',
    part: 'some of the notes',
    none: 'no notes',
    unknown: 'it cannot say',
    retracted: 'taken back',
    voided: 'called off',
    settled: 'settled',
    completed: 'completed',
    reversed: 'reversed',
    suspended: 'in suspense',
    suspense: 'in suspense',
  } as Readonly<Record<string, string>>,
  attempt: (count: string) => `attempt ${count}`,
};

const de: typeof en = {
  states: {
    'awaiting-amount': 'Betrag erwartet',
    authorising: 'wird genehmigt',
    dispensing: 'wird ausgezahlt',
    dispensed: 'ausgezahlt',
    settled: 'gebucht',
    declined: 'abgelehnt',
    reversing: 'wird aufgehoben',
    reversed: 'aufgehoben',
    suspense: 'ungeklärt',
  },
  steps: {
    selected: 'Auszahlung bekannt',
    'balance-asked': 'Saldoanfrage, niemand wartet',
    'balance-asked-again': 'Saldoanfrage noch einmal gesendet',
    'balance-served': 'Saldo gelesen',
    'balance-heard': 'Saldo, für Stand-in gemerkt',
    'balance-late': 'später Saldo, verworfen',
    'balance-unknown': 'Saldo nicht bekannt',
    authorised: 'Betrag reserviert',
    refused: 'Betrag nicht reserviert',
    intended: 'Absicht fest',
    declined: 'abgelehnt',
    dispensed: 'Ausgabe befohlen, einmal',
    outcome: 'Ausgang und Meldung: ein Commit',
    settled: 'Antwort festgeschrieben: erledigt',
    posted: 'Eingang, Buch, Antwort: ein Commit',
    sent: 'Meldung gesendet',
    'sent-again': 'Meldung noch einmal gesendet',
    applied: 'gebucht',
    repeated: 'Duplikat: gespeicherte Antwort',
    answered: 'Antwort',
    'answered-late': 'späte Antwort, verworfen',
  },
  details: {
    'timed-out': 'keine Antwort in der Zeit',
    error: 'abgewiesen',
    'amount-entered': 'Scheine reserviert',
    'stood-in': 'Stand-in, im Limit',
    declined: 'abgelehnt',
    'host-unavailable': 'Bank nicht erreichbar',
    abandoned: 'von seiner Replik verlassen',
    'notes-taken': 'Scheine ausgegeben',
    'nothing-taken': 'nichts ausgegeben',
    'outcome-unknown': 'Ausgang unbekannt',
    all: 'alle Scheine',
    part: 'ein Teil der Scheine',
    none: 'keine Scheine',
    unknown: 'weiß es nicht',
    retracted: 'zurückgenommen',
    voided: 'abgesagt',
    settled: 'gebucht',
    completed: 'abgeschlossen',
    reversed: 'aufgehoben',
    suspended: 'ungeklärt',
    suspense: 'ungeklärt',
  },
  attempt: (count) => `Versuch ${count}`,
};

/** Words for the way of a withdrawal, which both pages show. */
export const trailWords = catalog({ en, de });

/** ISO 8583 field 39: approved. */
const APPROVED = '00';

/** What a step did. The account's decision is a hold only where it approved. */
export function trailStep({ kind, detail }: Pick<TrailStep, 'kind' | 'detail'>): string {
  const { steps } = trailWords.value;
  return kind === 'authorised' && detail !== null && detail !== APPROVED ? steps.refused : steps[kind];
}

/** What stands beside a step: a sending's attempt, a word, or a code as it is. Null where there is nothing. */
export function trailDetail({
  kind,
  detail,
}: {
  readonly kind: string;
  readonly detail: string | null;
}): string | null {
  const { details, attempt } = trailWords.value;
  if (detail === null) return null;
  return SENDINGS.has(kind) ? attempt(detail) : (details[detail] ?? detail);
}

const SENDINGS: ReadonlySet<string> = new Set<TrailStep['kind']>([
  'balance-asked',
  'balance-asked-again',
  'sent',
  'sent-again',
]);
