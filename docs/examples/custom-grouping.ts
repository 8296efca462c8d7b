/** A grouping of your own: urgent jobs have a task to themselves, all others share the rest. */
import { basicBolt, defineTopology, fields, fromIterable, LocalCluster } from "stormcell";

const Job = fields("id:int32", "urgent:bool");
const Done = fields("id:int32", "urgent:bool", "desk:int32");

const desk = basicBolt({
  input: Job,
  output: Done,
  create: ({ taskIndex }) => ({
    execute: ({ id, urgent }, collector) => collector.emit([id, urgent, taskIndex]),
  }),
});

function* takeJobs(): Generator<[id: number, urgent: boolean]> {
  for (let id = 0; id < 300; id++) yield [id, id % 10 === 0];
}

const office = defineTopology(import.meta.url, (builder) => {
  const jobs = builder.setSpout("jobs", fromIterable(Job, takeJobs));
  const desks = builder.setBolt("desk", desk, { parallelism: 4 }).customGrouping(jobs, ({ targetTasks }) => {
    let turn = 0;
    return {
      // Called with the values of every tuple; gives the index of the task that gets it, or several.
      chooseTasks: ([_id, urgent]) => (urgent ? 0 : 1 + (turn++ % (targetTasks.length - 1))),
    };
  });
  return { done: builder.output(desks) };
});

await using cluster = new LocalCluster();
const run = await cluster.submitTopology("office", office);
const jobsAt = [0, 0, 0, 0];
let misplaced = 0;
for await (const { urgent, desk } of run.outputs.done) {
  jobsAt[desk]!++;
  if (urgent !== (desk === 0)) misplaced++;
}
console.log(`jobs per desk: ${jobsAt.join(", ")}; misplaced: ${misplaced}`);
