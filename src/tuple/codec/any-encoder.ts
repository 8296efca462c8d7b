import { EngineError } from "../../base/engine-error.ts";
import { anyFlaw } from "./any-flaw.ts";
import {
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

const FIRST_CAPACITY = 256;
/** A buffer that one large batch has grown beyond this is given back at the next reset. */
const KEPT_CAPACITY_MAX = 1 << 20;
const LOOP_CHARS_MAX = 24;

const binaryTags = new Map<unknown, number>(binaryKinds.map((kind, index) => [kind.prototype, TAG_BINARY + index]));

/** Encodes values of an `any` column one behind the other into private memory. The format is in any-format.ts. */
export class AnyEncoder {
  /** Where each appended value ends. */
  readonly ends: number[] = [];
  #bytes = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  #view = viewOf(this.#bytes);
  #at = 0;

  /** Bytes of all values appended since the last reset. */
  get length(): number {
    return this.#at;
  }

  reset(): void {
    this.#at = 0;
    this.ends.length = 0;
    if (this.#bytes.length > KEPT_CAPACITY_MAX) this.#setCapacity(FIRST_CAPACITY);
  }

  /**
   * Encodes one more value. @throws EngineError TUPLE_VALUE_INVALID when it has something in it that cannot travel
   */
  append(value: unknown): void {
    const flaw = anyFlaw(value);
    if (flaw !== null) throw unencodable(flaw);
    this.#write(value);
    this.ends.push(this.#at);
  }

  copyTo(target: Uint8Array, at: number): void {
    target.set(this.#bytes.subarray(0, this.#at), at);
  }

  /** The encoded bytes; good until the next append or reset. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #write(value: unknown): void {
    switch (typeof value) {
      case "string":
        this.#writeText(value);
        break;
      case "number":
        this.#writeNumber(value);
        break;
      case "boolean":
        this.#writeByte(value ? TAG_TRUE : TAG_FALSE);
        break;
      case "bigint":
        this.#writeBigint(value);
        break;
      case "object":
        if (value === null) this.#writeByte(TAG_NULL);
        else this.#writeObject(value);
        break;
      default:
        this.#writeByte(TAG_UNDEFINED);
    }
  }

  #writeNumber(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#writeByte(TAG_INTEGER);
      this.#writeCount(((value << 1) ^ (value >> 31)) >>> 0);
    } else {
      this.#writeDouble(TAG_DOUBLE, value);
    }
  }

  #writeDouble(tag: number, value: number): void {
    this.#reserve(9);
    this.#bytes[this.#at] = tag;
    this.#view.setFloat64(this.#at + 1, value, true);
    this.#at += 9;
  }

  #writeBigint(value: bigint): void {
    const digits = (value < 0n ? -value : value).toString(16);
    this.#writeByte(value < 0n ? TAG_NEGATIVE_BIGINT : TAG_BIGINT);
    this.#writeCount(digits.length);
    this.#reserve(digits.length);
    this.#at += this.#bytes.write(digits, this.#at, digits.length, "latin1");
  }

  #writeText(text: string): void {
    const chars = text.length;
    this.#reserve(6 + chars * 2);
    const tagAt = this.#at;
    this.#bytes[tagAt] = TAG_LATIN1;
    this.#at++;
    this.#writeCount(chars);
    if (chars <= LOOP_CHARS_MAX ? this.#tryWriteLatin1(text) : this.#tryWriteAscii(text)) return;
    this.#bytes[tagAt] = TAG_UTF16;
    this.#bytes.write(text, this.#at, chars * 2, "utf16le");
    this.#at += chars * 2;
  }

  #tryWriteLatin1(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0xff) return false;
      this.#bytes[this.#at + i] = code;
    }
    this.#at += text.length;
    return true;
  }

  #tryWriteAscii(text: string): boolean {
    if (Buffer.byteLength(text) !== text.length) return false;
    this.#at += this.#bytes.write(text, this.#at, text.length, "latin1");
    return true;
  }

  #writeObject(value: object): void {
    if (Array.isArray(value)) {
      this.#writeHead(TAG_ARRAY, value.length);
      for (let i = 0; i < value.length; i++) this.#write(value[i]);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) this.#writePlain(value as Record<string, unknown>);
    else if (prototype === Date.prototype) this.#writeDouble(TAG_DATE, (value as Date).getTime());
    else if (prototype === Map.prototype) this.#writeMap(value as Map<unknown, unknown>);
    else if (prototype === Set.prototype) this.#writeSet(value as Set<unknown>);
    else if (binaryTags.has(prototype)) this.#writeBinary(binaryTags.get(prototype)!, value as ArrayBuffer);
    else this.#writePlain(value as Record<string, unknown>);
  }

  #writePlain(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    this.#writeHead(TAG_OBJECT, keys.length);
    for (let i = 0; i < keys.length; i++) {
      this.#writeText(keys[i]!);
      this.#write(value[keys[i]!]);
    }
  }

  #writeMap(map: Map<unknown, unknown>): void {
    this.#writeHead(TAG_MAP, map.size);
    for (const [key, value] of map) {
      this.#write(key);
      this.#write(value);
    }
  }

  #writeSet(set: Set<unknown>): void {
    this.#writeHead(TAG_SET, set.size);
    for (const value of set) this.#write(value);
  }

  #writeBinary(tag: number, value: ArrayBuffer | ArrayBufferView): void {
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value);
    this.#writeHead(tag, bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #writeHead(tag: number, count: number): void {
    this.#writeByte(tag);
    this.#writeCount(count);
  }

  #writeByte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = byte;
  }

  #writeCount(count: number): void {
    this.#reserve(5);
    let rest = count;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed > this.#bytes.length) this.#setCapacity(Math.max(needed, this.#bytes.length * 2));
  }

  #setCapacity(capacity: number): void {
    const grown = Buffer.allocUnsafeSlow(capacity);
    grown.set(this.#bytes.subarray(0, Math.min(this.#at, capacity)));
    this.#bytes = grown;
    this.#view = viewOf(grown);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function unencodable(flaw: string): EngineError {
  return new EngineError("TUPLE_VALUE_INVALID", {
    problem: `a value of an "any" field holds ${flaw}, which cannot be copied to another thread`,
    facts: { found: flaw },
    remedy: "do not change a value after it was emitted; emit plain data",
  });
}
