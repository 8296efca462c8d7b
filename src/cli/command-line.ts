import { Command, CommanderError } from "commander";
import type { CommandContext } from "./command-context.ts";
import { type InspectFlags, inspectCommand } from "./commands/inspect.ts";
import { type LogLevelFlags, logLevelCommand } from "./commands/log-level.ts";
import { type PlanFlags, planCommand } from "./commands/plan.ts";
import { type ProfileFlags, profileCommand } from "./commands/profile.ts";
import {
  describeCommand,
  type KillFlags,
  killCommand,
  listCommand,
  type MonitorFlags,
  monitorCommand,
  type RemoteFlags,
  switchCommand,
} from "./commands/remote.ts";
import { type RunFlags, runCommand } from "./commands/run.ts";
import { superviseCommand } from "./commands/supervise.ts";
import { packageVersion, versionLine } from "./commands/version.ts";
import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_FAILED, exitCodeTexts } from "./exit-codes.ts";
import { describeError, errorAsJson, exitCodeOf, RunFailure } from "./report-error.ts";

/** Runs one command line, without the program's name, to its end. Resolves with the exit code; never rejects. */
export async function runCommandLine(args: readonly string[], context: CommandContext): Promise<number> {
  let exitCode = EXIT_DONE;
  const program = buildProgram(args, context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (caught) {
    if (caught instanceof CommanderError) return caught.exitCode === 0 ? EXIT_DONE : EXIT_BAD_INPUT;
    const error = caught instanceof RunFailure ? caught.cause : caught;
    context.writeErr(`${describeError(error, args.includes("--debug"))}\n`);
    const write = args.includes("--print") ? context.writeErr : context.writeOut;
    if (args.includes("--json")) write(`${JSON.stringify(errorAsJson(error), null, 2)}\n`);
    return caught instanceof RunFailure ? EXIT_FAILED : exitCodeOf(error);
  }
}

function buildProgram(
  args: readonly string[],
  context: CommandContext,
  setExitCode: (exitCode: number) => void,
): Command {
  const program = new Command("stormcell")
    .description("Runs topologies of spouts and bolts on every core of this machine.")
    .version(packageVersion(), "--version", "print the version and nothing else")
    .helpOption("-h, --help", "show this help, or that of a command")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({ writeOut: context.writeOut, writeErr: context.writeErr })
    .showSuggestionAfterError()
    .showHelpAfterError("(stormcell --help shows all commands, stormcell help COMMAND one of them)")
    .addHelpText("after", () => `\n${EXAMPLES}\n\n${exitCodesText()}`);

  topologyCommand(program, "run")
    .summary("run a topology to its end, or until Ctrl-C")
    .description("Runs a topology to its end. Ctrl-C ends it in order: spouts stop, what is under way is finished.")
    .option("--print", "print the tuples of the topology's outputs as JSON lines; the summary goes to stderr")
    .option("--supervise", "run it in a child process, and start that again when it fails")
    .option("--ui [port]", "open the dashboard on this port of 127.0.0.1, or on any; write it behind the module")
    .option("--live", "show a table of the components, refreshed each second, in place of the line of progress")
    .option("--runtime <kind>", "threads, or inline: all on one thread, to debug (the setting runtime)")
    .addHelpText("after", `\n${MODULE_HELP}\n\n${EXAMPLES}\n\n${exitCodesText()}`)
    .action(async (module: string, flags: RunFlags) => {
      const isSupervised = flags.supervise === true;
      setExitCode(isSupervised ? await superviseCommand(args, context) : await runCommand(module, flags, context));
    });

  topologyCommand(program, "plan")
    .summary("show which task would run where, running nothing")
    .description("Shows the plan of a topology: tasks on workers and cores, edges, rings and their sizes.")
    .option("--cores <count>", "plan for a machine with this many cores instead of this one")
    .addHelpText("after", `\n${MODULE_HELP}\n\n${EXAMPLES}`)
    .action(async (module: string, flags: PlanFlags) => setExitCode(await planCommand(module, flags, context)));

  remoteCommands(program, context, setExitCode);
  lookingCommands(program, context, setExitCode);
  program
    .command("version")
    .summary("print the versions that a bug report needs")
    .description("Prints the versions of stormcell and Node, and the platform.")
    .action(() => context.writeOut(`${versionLine()}\n`));
  return program;
}

/** Commands that talk to a process whose dashboard is on. */
function remoteCommands(program: Command, context: CommandContext, setExitCode: (exitCode: number) => void): void {
  program
    .command("list")
    .summary("list the topologies of all processes that run with --ui")
    .description("Lists the topologies of all processes of this user that run with --ui.")
    .option("--json", "print the result as JSON")
    .action(async (flags: RemoteFlags) => setExitCode(await listCommand(flags, context)));

  remoteCommand(program, "describe", "show components, streams, workers and settings").action(
    async (name: string, flags: RemoteFlags) => setExitCode(await describeCommand(name, flags, context)),
  );
  for (const [operation, summary] of [
    ["activate", "let the spouts of a paused topology emit again"],
    ["deactivate", "pause a topology: its spouts are called no more"],
  ] as const) {
    remoteCommand(program, operation, summary).action(async (name: string, flags: RemoteFlags) =>
      setExitCode(await switchCommand(operation, name, flags, context)),
    );
  }
  remoteCommand(program, "kill", "end a topology: what is under way is finished first")
    .option("--wait <seconds>", "for how long at most; 0 ends it at once (default: its setting drainTimeoutMs)")
    .action(async (name: string, flags: KillFlags) => setExitCode(await killCommand(name, flags, context)));
}

/** Commands that look into a running topology. */
function lookingCommands(program: Command, context: CommandContext, setExitCode: (exitCode: number) => void): void {
  remoteCommand(program, "monitor", "watch rates, load, queues and latencies")
    .option("--interval <seconds>", "how often", "1")
    .action(async (name: string, flags: MonitorFlags) => setExitCode(await monitorCommand(name, flags, context)));

  remoteCommand(program, "inspect", "print sampled tuples, or the ways of sampled trees")
    .argument("[component]", "whose tuples")
    .option("--percent <share>", "how many of its tuples", "1")
    .option("--seconds <seconds>", "for how long (default: until Ctrl-C)")
    .option("--trees", "the ways of trees, with the time queued and executing at each hop (default without one)")
    .action(async (name: string, component: string | undefined, flags: InspectFlags) =>
      setExitCode(await inspectCommand(name, component, flags, context)),
    );

  remoteCommand(program, "profile", "take a CPU profile or a heap snapshot of a worker")
    .option("--worker <number>", "which worker", "0")
    .option("--seconds <seconds>", "how long to record", "10")
    .option("--heap", "a heap snapshot; the worker stands still meanwhile")
    .option("--out <file>", "where to (default: named after topology and worker, in the current folder)")
    .action(async (name: string, flags: ProfileFlags) => setExitCode(await profileCommand(name, flags, context)));

  // The second name is Storm's.
  for (const [command, hidden] of [
    ["log-level", false],
    ["set_log_level", true],
  ] as const) {
    remoteCommand(program, command, "show or change levels of loggers", hidden)
      .option(
        "-l, --level <logger=level[:seconds]>",
        "of ROOT or a component, for good or for a time; repeatable",
        collect,
      )
      .option("-r, --reset <logger>", "back to the level of its settings; repeatable", collect)
      .action(async (name: string, flags: LogLevelFlags) => setExitCode(await logLevelCommand(name, flags, context)));
  }
}

function remoteCommand(program: Command, name: string, summary: string, hidden = false): Command {
  return program
    .command(name, { hidden })
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}. Its process has to run with --ui.`)
    .argument("<topology>", "its name, as stormcell list shows it")
    .option("--pid <pid>", "the process, when several run a topology of that name")
    .option("--json", "print the result as JSON")
    .option("--debug", "show stacks also for errors that have a code");
}

function topologyCommand(program: Command, name: string): Command {
  return program
    .command(name)
    .argument("<module>", "file, file URL or package that exports the topology")
    .option("--options <json>", "options for the topology, as JSON")
    .option("--topology <name>", "which one, when the module exports several")
    .option("--workers <count>", 'number of workers, or "auto": one per usable core (the setting workers)')
    .option("--set <key=value>", "a setting of docs/CONFIG.md, above those of the topology; may be repeated", collect)
    .option("--json", "print the result as JSON")
    .option("--debug", "show stacks also for errors that have a code");
}

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

const MODULE_HELP = `Module:
  A path is relative to the current folder and ends with .js, .mjs or .ts. TypeScript needs
  Node 22.18 or newer, or tsx installed beside the module. A bare name is an installed package.`;

const EXAMPLES = `Examples:
  stormcell run ./word-count.js --options '{"files":["moby.txt"]}'
  stormcell run ./jobs.ts --topology nightly --workers 4 --set messageTimeoutMs=10000
  stormcell run ./word-count.js --json > summary.json
  stormcell run ./word-count.js --ui 9000
  stormcell monitor word-count
  stormcell inspect word-count split --percent 0.1
  stormcell profile word-count --worker 1 --seconds 30
  stormcell plan ./word-count.js --cores 8`;

function exitCodesText(): string {
  return ["Exit codes:", ...exitCodeTexts.map(([code, text]) => `  ${String(code).padStart(3)}  ${text}`)].join("\n");
}
