/**
 * The stage of a data request that leaves the planes it names (`planes`), inside the process; loaded for such requests alone.
 */

import { createPlaneSelection, type PlaneSelection } from '../filter/plane-selection.js';
import type { FilterProgram } from '../filter/program.js';
import type { Stage } from '../pipeline/stage/stage.js';

/** The stage; `complaint`: what was wrong with the names, when it has ended. */
export interface PlaneStage {
  readonly stage: Stage;
  complaint(): string | undefined;
}

const NAME = 'planes';

/** The stage for these names of planes. */
export function planeStage(planes: readonly string[]): PlaneStage {
  let selection: PlaneSelection | undefined;
  const program: FilterProgram = {
    name: NAME,
    help: '',
    usageStatus: 100,
    create(_args, sink) {
      selection = createPlaneSelection(planes, sink);
      return selection;
    },
  };
  return {
    stage: { role: 'selection', command: NAME, args: [planes.join(',')], filter: async () => program },
    complaint: () => selection?.complaint,
  };
}
