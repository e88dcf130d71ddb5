import { startPage } from '../shared/start-page.js';
import { PageHeader } from '../shared/ui/page-header.js';

await startPage(({ gateways }) => (
  <>
    <PageHeader page="console" />
    <main id="content">{gateways.join(' · ')}</main>
  </>
));
