/** Every fault of the harness once, with the queue in a spool folder. */
import { testFaults } from './run-campaign.js';

await testFaults('spool');
