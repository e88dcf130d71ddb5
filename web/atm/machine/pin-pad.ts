const DIGITS_MIN = 4;
const DIGITS_MAX = 12;

/**
 * The PIN while it is typed. It is here and nowhere else: no state, no property of an element, no storage; the screen learns how many digits
 * there are. Taking it out empties it.
 */
export class PinPad {
  #digits: number[] = [];

  get length(): number {
    return this.#digits.length;
  }

  get complete(): boolean {
    return this.#digits.length >= DIGITS_MIN;
  }

  press(digit: string): void {
    if (/^\d$/.test(digit) && this.#digits.length < DIGITS_MAX) this.#digits.push(Number(digit));
  }

  erase(): void {
    this.#digits.pop();
  }

  clear(): void {
    this.#digits.fill(0);
    this.#digits = [];
  }

  /** For the one call that checks it. */
  take(): string {
    const pin = this.#digits.join('');
    this.clear();
    return pin;
  }
}
