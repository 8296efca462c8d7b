/** How the command ends, for scripts. Shown in the help; `docs/COMMAND-LINE.md` has the same table. */
export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_BAD_INPUT = 2;
export const EXIT_UNFINISHED = 3;
export const EXIT_GIVEN_UP = 4;
export const EXIT_STOPPED = 130;

export const exitCodeTexts: readonly (readonly [code: number, text: string])[] = [
  [EXIT_DONE, "done: the run completed, or was drained with nothing left"],
  [EXIT_FAILED, "the run failed"],
  [EXIT_BAD_INPUT, "bad input: wrong usage, module, options, settings or topology; nothing was started"],
  [EXIT_UNFINISHED, "interrupted: something was left undone, or the run was killed"],
  [EXIT_GIVEN_UP, "given up: with --supervise, the job failed more often than it is restarted"],
  [EXIT_STOPPED, "stopped at once by a second Ctrl-C"],
];
