import type { DemoCardKind } from '../../shared/demo.js';
import './bank-card.css';

/** First six and last four digits, as receipts have them. */
const maskedNumber = (number: string): string =>
  `${number.slice(0, 4)} ${number.slice(4, 6)}•• •••• ${number.slice(-4)}`;

/** The face of a card; only the masked number is on it. */
export function BankCard({
  number,
  kind,
  label,
}: {
  readonly number: string;
  readonly kind: DemoCardKind;
  readonly label: string;
}) {
  return (
    <span class="bank-card" data-kind={kind}>
      <span class="bank-card__bank">Cashpoint</span>
      <span class="bank-card__chip" />
      <span class="bank-card__number figures">{maskedNumber(number)}</span>
      <span class="bank-card__label">{label}</span>
    </span>
  );
}
