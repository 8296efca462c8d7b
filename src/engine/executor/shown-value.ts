const CHARACTERS_MAX = 256;
const BYTES_MAX = 64;

/** A value as people are shown it: in a form that JSON has, and cut short where it is long. */
export function shownValue(value: unknown): unknown {
  switch (typeof value) {
    case "string":
      if (value.length <= CHARACTERS_MAX) return value;
      return `${value.slice(0, CHARACTERS_MAX)}… (${value.length} characters)`;
    case "bigint":
      return String(value);
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "boolean":
      return value;
    case "undefined":
      return null;
    case "object":
      return value === null ? null : shownObject(value);
    default:
      return String(value);
  }
}

function shownObject(value: object): unknown {
  if (value instanceof Uint8Array) {
    const hex = Buffer.from(value.buffer, value.byteOffset, Math.min(value.length, BYTES_MAX)).toString("hex");
    return value.length <= BYTES_MAX ? `0x${hex}` : `0x${hex}… (${value.length} bytes)`;
  }
  try {
    const text = JSON.stringify(value, (_key, part: unknown) => (typeof part === "bigint" ? String(part) : part));
    return text.length <= CHARACTERS_MAX ? (JSON.parse(text) as unknown) : shownValue(text);
  } catch {
    return "[what cannot be shown]";
  }
}
