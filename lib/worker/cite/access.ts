/**
 * May this account see and change what is below CITE_ROOT? What it cannot see would count as not there: no kept citations, nothing ever delivered.
 */
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Das2Error } from '../../error.js';
import { ownAccount } from '../../queue/own-account.js';

/** Throws `configuration` where something is there that this account cannot read, or cannot write. */
export function requireCitations(root: string): void {
  for (const name of ['.', 'log', 'kept', 'ids']) {
    const folder = join(root, name);
    try {
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') continue;
      const advice =
        code === 'EROFS'
          ? 'its file system is mounted read-only'
          : `be the account that it belongs to, or open it to the group of both: chmod -R g+rwX ${root}`;
      throw new Das2Error('configuration', `CITE_ROOT: ${ownAccount().name} cannot use ${folder}: ${advice}`);
    }
  }
}
