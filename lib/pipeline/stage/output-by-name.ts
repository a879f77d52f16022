/**
 * Readers that open `/dev/stdout` or `/dev/stderr` by name, as Fortran and IDL programs do to write bytes, and shell scripts for messages.
 *
 * What children of both run-times have for output are sockets, and a socket cannot be opened by name. A reader of which the operator says that
 * it does so (`outputByName` in the definition, `OUTPUT_BY_NAME` for a site) is run by a shell that gives it pipes, each emptied into the
 * socket by a `cat`, and that ends with the reader's status. That costs two more processes, so it is not done for all.
 */
import type { StageResult } from './stage.js';

/**
 * The text by which a shell runs a command, with the positional parameters behind it, on pipes of its own. In the order in which it is read:
 * 3 and 4 are the outputs of the whole; the status comes back through 5, the pipe of the command substitution; 6 is the pipe for standard
 * output. None of them is open in the command. Inside brackets, so that a command that exits, or leaves its folder, does so alone.
 */
export function textOnPipes(command: string): string {
  return `exec 3>&1 4>&2
status=$( {
  {
    { ( ${command} "$@"
      ) 3>&- 4>&- 5>&- 6>&-
      echo $? >&5
    } 2>&1 >&6 | cat >&4 5>&- 6>&-
  } 6>&1 | cat >&3 5>&-
} 5>&1 )
exit "\${status:-1}"`;
}

/**
 * What the operator can do about a stage that opened its output by name and could not, if it failed or wrote nothing; undefined if that is not
 * what it says.
 */
export function outputByNameAdvice({ status, bytesOut, standardError }: StageResult): string | undefined {
  if ((status === 0 && bytesOut > 0) || standardError === '') return undefined;
  if (!/\/dev\/(?:stdout|stderr|fd\/[12])\b/.test(standardError)) return undefined;
  return /no such device or address|ENXIO/i.test(standardError)
    ? 'it opens its output by name: set outputByName = 1 in its definition'
    : undefined;
}
