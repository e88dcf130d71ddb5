import { describe, expect, it } from '@jest/globals';
import { Story } from './story.js';

describe('a story', () => {
  const told = () => {
    const lines: string[] = [];
    return { lines, story: new Story((line) => lines.push(line)) };
  };

  it('is as expected only where something was looked at and nothing was otherwise', () => {
    const { story } = told();
    expect(story.asExpected).toBe(false);
    story.expect('balance', '800.00', '800.00');
    expect(story.asExpected).toBe(true);
    story.expect('balance', '800.00', '600.00');
    expect(story.asExpected).toBe(false);
  });

  it('marks what is otherwise, and then has no moral', () => {
    const { story, lines } = told();
    story.expect('balance', '800.00', '600.00');
    story.verdict('All is well.');
    expect(lines[0]).toMatch(/✗.*balance +800\.00 +600\.00/);
    expect(lines.join('\n')).toContain('0 of 1 as expected');
    expect(lines.join('\n')).not.toContain('All is well.');
  });

  it('that broke off was not as expected', () => {
    const { story, lines } = told();
    story.expect('balance', '800.00', '800.00');
    story.breakOff('waited in vain');
    story.expect('said by somebody who goes on all the same', '1', '1');
    expect(story.asExpected).toBe(false);
    expect(lines).toHaveLength(2);
  });
});
