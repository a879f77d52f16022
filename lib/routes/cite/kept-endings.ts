/**
 * What of a kept citation is sent as it lies there, by the ending of its path: apart from what sends it, which few requests need (citation 6.4, 14.2).
 */
export const KEPT_ENDINGS = ['kept.json', 'sig'] as const;
export type KeptEnding = (typeof KEPT_ENDINGS)[number];
