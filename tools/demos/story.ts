import { styleText } from 'node:util';

const COLUMN = { what: 46, expected: 33 };

/** What a demo says, line by line, and the count of what was seen as it should be. */
export class Story {
  private chapters = 0;
  private checks = 0;
  private surprises = 0;
  private brokenOff = false;

  /** `printLine` takes whole lines. */
  constructor(private readonly printLine: (line: string) => void) {}

  get asExpected(): boolean {
    return !this.brokenOff && this.checks > 0 && this.surprises === 0;
  }

  opening(title: string, plot: string): void {
    this.print(`${bold(title)}\n${wrapped(plot)}\n`);
  }

  /** What happens next. */
  chapter(text: string): void {
    this.chapters += 1;
    this.print(`\n${bold(`${this.chapters}  ${text}`)}`);
    this.print(dim(`     ${'what'.padEnd(COLUMN.what)}${'expected'.padEnd(COLUMN.expected)}observed`));
  }

  /** Something worth knowing of which nothing is expected. */
  note(text: string): void {
    this.print(dim(`   · ${text}`));
  }

  /** As expected where the words are the same. */
  expect(what: string, expected: string, observed: string): void {
    this.expectThat(what, expected, observed, expected === observed);
  }

  /** For what is expected of a range: the caller has judged. */
  expectThat(what: string, expected: string, observed: string, holds: boolean): void {
    this.checks += 1;
    if (!holds) this.surprises += 1;
    const line = `${what.padEnd(COLUMN.what)}${expected.padEnd(COLUMN.expected)}${observed}`;
    this.print(`   ${holds ? green('✓') : red('✗')} ${holds ? line : red(line)}`);
  }

  /** The story cannot be told to its end; whoever is still telling it is not heard any more. */
  breakOff(reason: string): void {
    this.print(`   ${red('✗')} ${red(reason)}`);
    this.brokenOff = true;
  }

  verdict(moral: string): void {
    const seen = `${this.checks - this.surprises} of ${this.checks} as expected`;
    if (this.asExpected) this.printLine(`\n${bold(green(seen))}\n${wrapped(moral)}`);
    else this.printLine(`\n${bold(red(this.brokenOff ? `${seen}, then it broke off` : seen))}`);
  }

  private print(line: string): void {
    if (!this.brokenOff) this.printLine(line);
  }
}

/** Lines of at most a hundred characters. */
const wrapped = (text: string): string => text.replaceAll(/(.{1,100})(?: |$)/g, '$1\n').trimEnd();

const styled = (format: Parameters<typeof styleText>[0]) => (text: string) =>
  styleText(format, text, { stream: process.stdout });
const bold = styled('bold');
const dim = styled('dim');
const green = styled('green');
const red = styled('red');
