import { fields } from "stormcell";

/** The stream of Storm's ConstSpout, and the value that it repeats. */
export const Text = fields("text:string");
export const TEXT = "some data";
