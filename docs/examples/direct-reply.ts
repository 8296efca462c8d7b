/** Direct streams: the sender names the task that gets the tuple. Each client gets the answers to its questions. */
import { basicBolt, defineTopology, direct, fields, runTopology, spout } from "stormcell";

const Question = fields("replyTo:int32", "number:int32");
const Answer = fields("number:int32", "square:float64");

const QUESTIONS = 100;

/** Client i asks about the numbers from i thousand on, and wants its answers at task i of "inbox". */
const ask = spout({
  output: Question,
  create(context, collector) {
    const replyTo = context.tasksOf("inbox")[context.taskIndex]!;
    let asked = 0;
    return {
      nextTuple() {
        if (asked === QUESTIONS) return "exhausted";
        collector.emit([replyTo, context.taskIndex * 1_000 + asked++]);
        return undefined;
      },
    };
  },
});

const answer = basicBolt({
  input: Question,
  output: { replies: direct(Answer) },
  execute({ replyTo, number }, collector) {
    collector.emitDirect("replies", replyTo, [number, number * number]);
  },
});

const inbox = basicBolt({
  input: Answer,
  create(context) {
    let own = 0;
    let foreign = 0;
    return {
      execute({ number, square }) {
        if (Math.floor(number / 1_000) === context.taskIndex && square === number * number) own++;
        else foreign++;
      },
      onEnd: () => console.log(`client ${context.taskIndex}: ${own} answers, ${foreign} for others`),
    };
  },
});

const questions = defineTopology(import.meta.url, (builder) => {
  const asked = builder.setSpout("ask", ask, { parallelism: 3 });
  const answered = builder.setBolt("answer", answer, { parallelism: 2 }).shuffleGrouping(asked);
  builder.setBolt("inbox", inbox, { parallelism: 3 }).directGrouping(answered.stream("replies"));
});

await runTopology(questions);
