import { describe } from '@jest/globals';
import { openBank } from './cluster/bank.js';
import { httpContract } from './guarantees/http-contract.js';

describe('the HTTP contract', () => httpContract(openBank()));
