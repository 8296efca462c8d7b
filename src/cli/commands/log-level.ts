import { EngineError } from "../../base/engine-error.ts";
import { textTable } from "../../engine/plan/text-table.ts";
import type { CommandContext } from "../command-context.ts";
import { EXIT_DONE } from "../exit-codes.ts";
import { apiPath, chooseRemote } from "../remote-process.ts";
import type { RemoteFlags } from "./remote.ts";

export interface LogLevelFlags extends RemoteFlags {
  /** Each "logger=level" or "logger=level:seconds". */
  readonly level?: readonly string[];
  /** Loggers that get back the level of their settings. */
  readonly reset?: readonly string[];
}

interface LoggerLevel {
  readonly target_level: string | null;
  readonly reset_level?: string;
  readonly timeout?: number;
}

type NamedLevels = Readonly<Record<string, LoggerLevel>>;

/** Changes levels of loggers of a running topology, as Storm's set_log_level does, and shows what is changed. */
export async function logLevelCommand(name: string, flags: LogLevelFlags, context: CommandContext): Promise<number> {
  const changes: [string, LoggerLevel][] = [
    ...(flags.level ?? []).map(parseLevel),
    ...(flags.reset ?? []).map((logger): [string, LoggerLevel] => [logger, { target_level: null }]),
  ];
  const { process } = await chooseRemote(name, flags, context);
  const path = apiPath(name, "logconfig");
  const body = { namedLoggerLevels: Object.fromEntries(changes) };
  const answer = await (changes.length === 0 ? process.get(path) : process.post(path, body));
  if (flags.json === true) context.writeOut(`${JSON.stringify(answer, null, 2)}\n`);
  else
    context.writeOut(`${levelLines((answer as { namedLoggerLevels: NamedLevels }).namedLoggerLevels).join("\n")}\n`);
  return EXIT_DONE;
}

function parseLevel(text: string): [string, LoggerLevel] {
  const {
    logger,
    level,
    seconds = "0",
  } = /^(?<logger>[^=]+)=(?<level>\w+)(?::(?<seconds>\d{1,5}))?$/.exec(text)?.groups ?? {};
  if (logger !== undefined && level !== undefined) {
    return [logger, { target_level: level.toUpperCase(), timeout: Number(seconds) }];
  }
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${text}" is no level of a logger`,
    facts: { option: "--level", allowed: "LOGGER=LEVEL or LOGGER=LEVEL:SECONDS" },
    remedy: "give ROOT or a component, and a level, such as --level count=debug:60",
  });
}

function levelLines(levels: NamedLevels): string[] {
  const rows = Object.entries(levels);
  if (rows.length === 0) return ["All loggers have the levels of their settings."];
  return textTable(
    [{ header: "logger" }, { header: "level" }, { header: "before" }, { header: "for" }],
    rows.map(([logger, { target_level, reset_level, timeout = 0 }]) => [
      logger,
      (target_level ?? "").toLowerCase(),
      (reset_level ?? "").toLowerCase(),
      timeout === 0 ? "good" : `${timeout} s`,
    ]),
  );
}
