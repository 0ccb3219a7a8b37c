import CSandbox
import Glibc
import SandboxProtocol

// The order is what matters here: rights go before the engine comes, and the filter comes when everything that it refuses is done.

/// Ends a worker that cannot be locked in; the supervisor sees the status.
func refuse() -> Never {
    exit(SandboxExitStatus.refused)
}

guard let options = Options(arguments: CommandLine.arguments) else { refuse() }
guard fastn_sandbox_drop_privileges(options.unprivilegedID) == 0, fastn_sandbox_die_with_parent(options.parent) == 0,
    fastn_sandbox_limit_resources() == 0
else { refuse() }

guard let engine = Engine() else { refuse() }
engine.limitEntries(milliseconds: options.entryLimitMilliseconds)

guard fastn_sandbox_create_cpu_timer() == 0, fastn_sandbox_start_memory_watch(options.memoryLimitBytes) == 0,
    fastn_sandbox_limit_address_space(options.addressSpaceHeadroomBytes) == 0, fastn_sandbox_install_filter() == 0
else { refuse() }

Channel.send(SandboxFrame(.ready, run: 0))
var worker = Worker(options: options, engine: engine)
worker.serve()
exit(EXIT_SUCCESS)
