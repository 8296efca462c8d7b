export const before = 1;

throw new TypeError("no configuration for this module");
