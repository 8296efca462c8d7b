export type TimeZone = "utc" | "local";

/** `YYYY-MM-DD hh:mm:ss`, with `.sss` behind it where the interval is no whole number of seconds. */
export function timeStamp(timeMs: number, zone: TimeZone, withMs: boolean): string {
  const date = new Date(timeMs);
  const two = (value: number) => String(value).padStart(2, "0");
  const [year, month, day, hours, minutes, seconds] =
    zone === "utc"
      ? [
          date.getUTCFullYear(),
          date.getUTCMonth(),
          date.getUTCDate(),
          date.getUTCHours(),
          date.getUTCMinutes(),
          date.getUTCSeconds(),
        ]
      : [date.getFullYear(), date.getMonth(), date.getDate(), date.getHours(), date.getMinutes(), date.getSeconds()];
  const fraction = withMs ? `.${String(date.getUTCMilliseconds()).padStart(3, "0")}` : "";
  return `${year}-${two(month + 1)}-${two(day)} ${two(hours)}:${two(minutes)}:${two(seconds)}${fraction}`;
}
