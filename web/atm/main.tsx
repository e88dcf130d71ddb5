import { startPage } from '../shared/start-page.js';
import { AtmPage } from './page.js';

await startPage((cluster) => <AtmPage cluster={cluster} />);
