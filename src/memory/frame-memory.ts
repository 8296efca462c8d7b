// The views live in base, because the codec (tuple) and the rings (memory) both speak of them and may not import each
// other.
export * from "../base/frame-memory.ts";
