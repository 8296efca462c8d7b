import type { OptionValues } from "../../config/option-values.ts";
import type { AckerSettings } from "./acker-protocol.ts";

/** What of a topology's options the acker is told. */
export function ackerSettingsOf(config: OptionValues): AckerSettings {
  const { messageTimeoutMs, messageLifetimeMs, timeoutFrom, settleTimeoutMs, stallReportMs } = config;
  return { messageTimeoutMs, messageLifetimeMs, timeoutFrom, settleTimeoutMs, stallReportMs };
}
