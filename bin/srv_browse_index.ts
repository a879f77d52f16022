/**
 * das2_srv_browse_index: makes the naming table of browse and says what is wrong with definitions (browse-export 4).
 */
import { indexCommand } from '../lib/browse/naming/index-command.js';

/** Brings the table up to date; answers the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  return indexCommand(args);
}
