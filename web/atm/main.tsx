import { startPage } from '../shared/start-page.js';
import { PageHeader } from '../shared/ui/page-header.js';

await startPage(({ gateways }) => (
  <>
    <PageHeader page="atm" />
    <main id="content">{gateways.join(' · ')}</main>
  </>
));
