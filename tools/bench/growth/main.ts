import { isClean } from '../audit-when-quiet.js';
import { measureGrowth } from './growth.js';

/** `npm run growth -- [entries] [unanswered]`: whether the bank slows down as it grows. Needs some 2 kB of disk per entry. */
const [entries = '1000000', unanswered = '100000'] = process.argv.slice(2);
const report = await measureGrowth(
  { entries: Number(entries), unanswered: Number(unanswered), atms: 16, warmUpSeconds: 5, measuredSeconds: 20 },
  (line) => console.log(line),
);
if (!isClean(report.audit)) process.exitCode = 1;
console.log(`ratio ${report.ratio.toFixed(2)}; filled in ${report.fillSeconds.toFixed(0)} s`);
