import { createHash, randomBytes } from "node:crypto";
import { type Id, type IdKind, idPrefixes } from "@laurel/contract";
import { TypeID } from "typeid-js";

export type NewId = <K extends IdKind>(kind: K) => Id<K>;

/**
 * Makes TypeIDs over UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits.
 * Clock and randomness come from outside so that seeds repeat and moved clocks show in the ids.
 */
export function idMaker(now: () => Date, random: (size: number) => Uint8Array = (size) => randomBytes(size)): NewId {
  return (kind) => {
    const bytes = new Uint8Array(16);
    let ms = now().getTime();
    for (let at = 5; at >= 0; at--) {
      bytes[at] = ms % 256;
      ms = Math.floor(ms / 256);
    }
    bytes.set(random(10), 6);
    bytes[6] = (bytes[6]! & 0x0f) | 0x70;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return TypeID.fromUUIDBytes(idPrefixes[kind], bytes).toString() as never;
  };
}

/**
 * The id of something that exists once for what it is about: the same from the same, sorted where `from` is sorted.
 * @param from an id; its time is the new one's
 * @param purpose what tells it from others of its kind that follow from the same id
 */
export function derivedId<K extends IdKind>(kind: K, from: string, purpose: string): Id<K> {
  const bytes = new Uint8Array(16);
  bytes.set(TypeID.fromString(from).toUUIDBytes().subarray(0, 6));
  bytes.set(createHash("sha256").update(`${from}\n${purpose}`).digest().subarray(0, 10), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return TypeID.fromUUIDBytes(idPrefixes[kind], bytes).toString() as never;
}
