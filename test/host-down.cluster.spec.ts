import { describe } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { hostDown } from './guarantees/host-down.js';

describe('the account service wholly down', () => hostDown(openBank()));
