/**
 * Thrown by a bolt to fail the tuple that it executes, and nothing else: the expected way to say "try again later".
 * Nothing is logged. The tuple's spout learns the message by `fail(id, info)`. As Storm's FailedException.
 */
export class FailedException extends Error {
  override readonly name: string = "FailedException";
}

/** As FailedException, and logged and counted as an error of the component. As Storm's ReportedFailedException. */
export class ReportedFailedException extends FailedException {
  override readonly name = "ReportedFailedException";
}
