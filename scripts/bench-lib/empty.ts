/** A program that does nothing: packed like the others, it shows what the packaging itself costs. */
export const nothing = 0;
