/**
 * A small hash for file names and "has it changed?": two 32-bit sums over the UTF-16 units. It guards against accidents only:
 * whoever wants two texts to agree can make them.
 */

/** 16 hexadecimal digits that tell texts apart; no protection against those who want two texts to agree. */
export function shortHash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
  }
  return hex(a) + hex(b);
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
