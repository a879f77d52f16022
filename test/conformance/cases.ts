/**
 * The conformance cases of server-protocol 12.2 as data. A row with several requests is several entries with one number.
 * `check.ts` compares, `run.ts` sends them through a driver.
 */
import { DATA_CASES } from './cases/data-cases.js';
import { DESCRIPTION_CASES } from './cases/description-cases.js';
import { OTHER_CASES } from './cases/other-cases.js';
import type { ConformanceCase } from './expected.js';

export const CASES: readonly ConformanceCase[] = [...DESCRIPTION_CASES, ...DATA_CASES, ...OTHER_CASES];
