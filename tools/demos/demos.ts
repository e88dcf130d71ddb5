import { ACTIVE_PASSIVE } from './active-passive.js';
import type { Demo } from './demo.js';
import { FAILOVER } from './failover.js';
import { FIGURE_1 } from './figure-1.js';
import { FIGURE_2 } from './figure-2.js';
import { FIGURE_3 } from './figure-3.js';
import { ROUTING } from './routing.js';
import { STAND_IN } from './stand-in.js';

/** All stories, in the order in which a newcomer should hear them. */
export const DEMOS: readonly Demo[] = [FIGURE_1, FIGURE_2, FIGURE_3, FAILOVER, STAND_IN, ACTIVE_PASSIVE, ROUTING];
