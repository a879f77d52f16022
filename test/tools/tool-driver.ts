/**
 * A command line program of ours as a process: the executable in `DAS2SRV_BIN` if that is set, else the sources, bundled for the
 * running Node.
 */
import { buildProgram } from './program.js';
import type { TemporaryFolder } from './temporary-folder.js';

/**
 * The words that start a program, for as long as the folder is there. `entry`: its file in bin/, without `.ts`; `name`: as it is called when
 * built.
 */
export async function toolCommand(folder: TemporaryFolder, entry: string, name: string): Promise<readonly string[]> {
  const { command } = await buildProgram(name, `bin/${entry}.ts`, { parent: folder.path });
  return command;
}
