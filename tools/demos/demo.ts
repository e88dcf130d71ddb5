import type { StartClusterOptions } from '../cluster/start-cluster.js';
import type { DemoBank } from './stage/demo-bank.js';
import type { Story } from './story.js';

/** A story that a bank of its own acts out, with expected against observed. */
export interface Demo {
  readonly name: string;
  readonly title: string;
  /** What the article says, or what is to be seen. */
  readonly plot: string;
  /** What follows from it; said where everything was as expected. */
  readonly moral: string;
  readonly cluster: Pick<StartClusterOptions, 'gateways' | 'terminals' | 'accounts' | 'environment'>;
  /** Whether channels must be processes that can be killed. */
  readonly needsRedis?: boolean;
  tell(story: Story, bank: DemoBank): Promise<void>;
}
