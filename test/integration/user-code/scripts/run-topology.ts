/** `runTopology` on a topology of its own module; a bolt prints from its worker. */
import { runTopology } from "../../../../src/index.ts";
import { printing } from "../topologies/printing.ts";

const summary = await runTopology(printing, { options: { lines: 3 } });
console.log(`${summary.outcome}: ${summary.totals.byComponent.print?.executed} lines`);
