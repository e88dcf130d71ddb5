import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INVARIANTS } from '../chaos/audit/invariants.js';
import { FAULT_KINDS } from '../chaos/schedule/fault-kinds.js';
import { CHECKOUT } from '../checkout.js';
import { sabotagedFiles } from './build.js';
import { applyEdit, EditDoesNotApply } from './sabotage.js';
import { checkedSabotage, SABOTAGES } from './sabotages.js';

describe('sabotage', () => {
  it.each(Object.entries(SABOTAGES))('%s applies to the sources as they are', async (_name, sabotage) => {
    const files = await sabotagedFiles(sabotage);
    expect([...files.keys()]).toEqual([...new Set(sabotage.edits.map(({ file }) => file.replace(/\.ts$/, '.js')))]);
    for (const { file, to } of sabotage.edits) {
      expect(readFileSync(join(CHECKOUT, file), 'utf8')).not.toContain(to === '' ? '\0' : to);
    }
  });

  it.each(Object.entries(SABOTAGES))('%s names faults and an invariant that there are', (_name, sabotage) => {
    expect(FAULT_KINDS.map(({ name }) => name)).toEqual(expect.arrayContaining([...sabotage.faults]));
    expect(INVARIANTS.map(({ name }) => name)).toContain(sabotage.caughtBy);
  });

  it('keeps what the framework reads at run time: decorators and the types of constructors', async () => {
    const files = await sabotagedFiles(SABOTAGES['no-intent']);
    const driver = files.get('apps/atm-terminal/src/withdrawal/withdrawal-driver.js');
    expect(driver).toMatch(/__metadata\("design:paramtypes", \[.*\bWithdrawals\b.*\bAccountHost\b.*\bDispenser\b/);
    expect(driver).toContain('export { WithdrawalDriver };');
  });

  it('refuses a source that has changed where a mutant would change it, and one that has the place twice', () => {
    const edit = { file: 'x.ts', from: 'guard();', to: '' };
    expect(() => applyEdit('check();', edit)).toThrow(EditDoesNotApply);
    expect(() => applyEdit('guard(); guard();', edit)).toThrow(EditDoesNotApply);
    expect(applyEdit('a(); guard(); b();', { ...edit, to: '$&' })).toBe('a(); $& b();');
  });

  it('refuses a name that nobody knows', () => {
    expect(() => checkedSabotage('no-luck')).toThrow('sabotage must be one of no-inbox, no-hold');
  });
});
