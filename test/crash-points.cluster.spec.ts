import { describe } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { crashPoints, CRASH_ENVIRONMENT } from './guarantees/crash-points.js';

describe('a replica killed at each point of the money’s way', () =>
  crashPoints(openBank({ environment: CRASH_ENVIRONMENT })));
