// The executable: arguments in, exit code out. What the commands do lives in Leibrix and in Commands/.
//
// Exit codes: 0 done, 1 the work failed, 2 the arguments or the configuration are wrong.
internal import Glibc

exit(await CommandLineTool.run(Array(CommandLine.arguments.dropFirst())))
