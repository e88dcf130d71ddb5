import { describe } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { manyAtOnce } from './guarantees/many-at-once.js';

describe('many at once', () => manyAtOnce(openBank()));
