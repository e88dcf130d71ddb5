import { isClean } from '../audit-when-quiet.js';
import { measureGrowth } from './growth.js';
import { measureIdleTransaction } from './idle-transaction.js';

/**
 * `npm run growth -- [entries] [unanswered]`: whether the bank slows down as it grows. Needs some 2 kB of disk per entry.
 * `npm run growth -- idle-transaction [withdrawals] [seconds at most]`: whether a transaction that somebody forgets slows it down; an hour at five
 * withdrawals a second where no number is given. `held-transaction`: the same where its session forbids the database to end it.
 */
const LOAD = { atms: 16, breakInSeconds: 30, warmUpSeconds: 5, measuredSeconds: 20 };
const ROUNDS = 3;

const tell = (line: string) => console.log(line);
const [first = '1000000', second] = process.argv.slice(2);
if (first === 'idle-transaction' || first === 'held-transaction') {
  const [withdrawals = '18000', secondsMax = '600'] = process.argv.slice(3);
  const report = await measureIdleTransaction(
    { held: first === 'held-transaction', withdrawals: Number(withdrawals), secondsMax: Number(secondsMax), ...LOAD },
    tell,
  );
  if (!isClean(report.audit)) process.exitCode = 1;
  tell(`ratio ${report.ratio.toFixed(2)}`);
} else {
  const size = { entries: Number(first), unanswered: Number(second ?? '100000') };
  const report = await measureGrowth({ ...size, ...LOAD, rounds: ROUNDS }, tell);
  if (!report.audits.every(isClean)) process.exitCode = 1;
  tell(`ratio ${report.ratio.toFixed(2)}; filled in ${report.fillSeconds.toFixed(0)} s`);
}
