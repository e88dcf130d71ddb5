import { startPage } from '../shared/start-page.js';
import { ConsolePage } from './console-page.js';

await startPage((cluster) => <ConsolePage {...cluster} />);
