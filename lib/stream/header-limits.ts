/**
 * How much the packet headers of a stream may hold together while they are in force. Each of them is short enough for its packet, but there may be
 * 99, and what is read out of a header takes many times its bytes.
 *
 * Contract: what 99 packet types have with the hundred planes and the properties that other programs write fits several times. Memory for headers
 * stays within what any filter may take, 150 MB.
 */
import { Das2Error } from '../error.js';
import type { PacketHeader } from './header.js';

/** Most planes, properties (attributes of planes among them) and bytes of all packet headers at one time. */
export const HEADERS_LIMIT = { planes: 32_768, properties: 65_536, bytes: 32 * 1024 * 1024 } as const;

type Counts = { readonly [Name in keyof typeof HEADERS_LIMIT]: number };

export class HeaderLimits {
  private readonly types: (Counts | undefined)[] = [];
  private readonly total = { planes: 0, properties: 0, bytes: 0 };

  /** Counts the header of a packet type in place of the one before. Throws `packetTooLarge` where there is too much of something now. */
  count(id: number, { planes, properties }: PacketHeader, bytes: number): void {
    const before = this.types[id];
    const own = planes.reduce((sum, plane) => sum + plane.properties.length + plane.attributes.size, properties.length);
    const counts = { planes: planes.length, properties: own, bytes };
    this.types[id] = counts;
    for (const name of ['planes', 'properties', 'bytes'] as const) {
      this.total[name] += counts[name] - (before?.[name] ?? 0);
      const [total, most] = [this.total[name], HEADERS_LIMIT[name]];
      if (total > most) {
        throw new Das2Error(
          'packetTooLarge',
          `the packet headers have ${total} ${name} together, at most ${most} are possible`,
        );
      }
    }
  }
}
