/** Every fault of the harness once, with the queue in Redis. */
import { testFaults } from './run-campaign.js';

await testFaults('redis');
