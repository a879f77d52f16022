/**
 * Version and commit of this build. `scripts/build` replaces the two identifiers at build time; from sources they are
 * absent and the version says `development`.
 */
declare const DAS2SRV_VERSION: string | undefined;
declare const DAS2SRV_COMMIT: string | undefined;

export const VERSION: string = typeof DAS2SRV_VERSION === 'string' ? DAS2SRV_VERSION : 'development';
export const COMMIT: string = typeof DAS2SRV_COMMIT === 'string' ? DAS2SRV_COMMIT : 'unknown';
