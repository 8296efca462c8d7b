import { invariant } from "../../base/invariant.ts";
import {
  ANY_DEPTH_MAX,
  binaryKinds,
  TAG_ARRAY,
  TAG_BIGINT,
  TAG_BINARY,
  TAG_DATE,
  TAG_DOUBLE,
  TAG_FALSE,
  TAG_INTEGER,
  TAG_LATIN1,
  TAG_MAP,
  TAG_NEGATIVE_BIGINT,
  TAG_NULL,
  TAG_OBJECT,
  TAG_SET,
  TAG_TRUE,
  TAG_UNDEFINED,
  TAG_UTF16,
} from "./any-format.ts";
import { INTERNED_CHARS_MAX, TextIntern } from "./text-intern.ts";

/** Reads values that an AnyEncoder wrote. Nothing that it returns refers to the memory that it reads. */
export class AnyDecoder {
  #bytes: Buffer = Buffer.alloc(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  #end = 0;
  #depth = 0;
  /** Keys of objects come again and again. */
  readonly #keys = new TextIntern();

  /** Sets the memory that `decode` reads; `view` covers the same bytes. */
  setMemory(bytes: Buffer, view: DataView): void {
    this.#bytes = bytes;
    this.#view = view;
  }

  /** The value that stands in exactly the bytes from `start` to `end`. */
  decode(start: number, end: number): unknown {
    this.#at = start;
    this.#end = end;
    this.#depth = 0;
    const value = this.#read();
    invariant(this.#at === end, "bytes left behind an encoded value");
    return value;
  }

  #read(): unknown {
    const tag = this.#readByte();
    switch (tag) {
      case TAG_UNDEFINED:
        return undefined;
      case TAG_NULL:
        return null;
      case TAG_FALSE:
        return false;
      case TAG_TRUE:
        return true;
      case TAG_INTEGER: {
        const zigzag = this.#readCount();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case TAG_DOUBLE:
        return this.#readDouble();
      case TAG_BIGINT:
      case TAG_NEGATIVE_BIGINT:
        return this.#readBigint(tag === TAG_NEGATIVE_BIGINT);
      case TAG_LATIN1:
      case TAG_UTF16:
        return this.#readText(tag);
      default:
        return this.#readComposite(tag);
    }
  }

  #readComposite(tag: number): unknown {
    if (tag === TAG_DATE) return new Date(this.#readDouble());
    const count = this.#readCount();
    if (tag >= TAG_BINARY) return this.#readBinary(tag - TAG_BINARY, count);
    invariant(count <= this.#end - this.#at, "an encoded value claims more parts than there are bytes");
    invariant(++this.#depth <= ANY_DEPTH_MAX, "an encoded value is nested too deep");
    let value: unknown;
    if (tag === TAG_OBJECT) value = this.#readPlain(count);
    else if (tag === TAG_ARRAY) value = this.#readArray(count);
    else if (tag === TAG_MAP) value = this.#readMap(count);
    else {
      invariant(tag === TAG_SET, "unknown tag of an encoded value");
      value = this.#readSet(count);
    }
    this.#depth--;
    return value;
  }

  #readPlain(count: number): object {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) {
      const key = this.#readKey();
      const value = this.#read();
      // An assignment to "__proto__" would set the prototype.
      if (key === "__proto__") {
        Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
      } else object[key] = value;
    }
    return object;
  }

  #readArray(count: number): unknown[] {
    const items: unknown[] = [];
    for (let i = 0; i < count; i++) items.push(this.#read());
    return items;
  }

  #readMap(count: number): Map<unknown, unknown> {
    const map = new Map<unknown, unknown>();
    for (let i = 0; i < count; i++) {
      const key = this.#read();
      map.set(key, this.#read());
    }
    return map;
  }

  #readSet(count: number): Set<unknown> {
    const set = new Set<unknown>();
    for (let i = 0; i < count; i++) set.add(this.#read());
    return set;
  }

  #readBinary(kindIndex: number, count: number): unknown {
    const kind = binaryKinds[kindIndex];
    invariant(kind !== undefined, "unknown tag of an encoded value");
    const start = this.#advance(count);
    const buffer = new ArrayBuffer(count);
    new Uint8Array(buffer).set(this.#bytes.subarray(start, start + count));
    if (kind === ArrayBuffer) return buffer;
    if (kind === Buffer) return Buffer.from(buffer);
    return new (kind as new (buffer: ArrayBuffer) => unknown)(buffer);
  }

  #readBigint(isNegative: boolean): bigint {
    const digits = this.#readCount();
    const start = this.#advance(digits);
    const text = this.#bytes.toString("latin1", start, start + digits);
    invariant(/^[0-9a-f]+$/.test(text), "an encoded bigint is not made of digits");
    const magnitude = BigInt(`0x${text}`);
    return isNegative ? -magnitude : magnitude;
  }

  #readKey(): string {
    const tag = this.#readByte();
    const start = this.#at;
    const chars = this.#bytes[start]!; // A count below 128 is one byte.
    const isShort = tag === TAG_LATIN1 && chars > 0 && chars <= INTERNED_CHARS_MAX;
    // The table reads whole words, so up to three bytes behind the key.
    if (!isShort || start + 1 + chars + 3 > this.#end) return this.#readText(tag);
    const known = this.#keys.find(this.#view, start + 1, chars);
    if (known !== null) {
      this.#at = start + 1 + chars;
      return known;
    }
    const key = this.#readText(tag);
    this.#keys.remember(key);
    return key;
  }

  #readText(tag: number): string {
    const chars = this.#readCount();
    if (tag === TAG_LATIN1) {
      const start = this.#advance(chars);
      return this.#bytes.toString("latin1", start, start + chars);
    }
    invariant(tag === TAG_UTF16, "unknown tag of an encoded text");
    const start = this.#advance(chars * 2);
    return this.#bytes.toString("utf16le", start, start + chars * 2);
  }

  #readDouble(): number {
    return this.#view.getFloat64(this.#advance(8), true);
  }

  #readByte(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  #readCount(): number {
    let count = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#readByte();
      count |= (byte & 0x7f) << shift;
      if (byte < 0x80) return count >>> 0;
    }
    invariant(false, "an encoded count is too long");
  }

  /** Steps over `bytes` bytes and returns where they begin. */
  #advance(bytes: number): number {
    const start = this.#at;
    invariant(bytes <= this.#end - start, "an encoded value ends too early");
    this.#at = start + bytes;
    return start;
  }
}
