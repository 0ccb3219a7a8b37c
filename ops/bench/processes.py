"""What processes of the server use of the machine, read from /proc."""
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")
CORES = os.cpu_count()


def _stat(pid):
    """(name, parent, CPU seconds with those of children that have ended), or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    name = text[text.index("(") + 1:text.rindex(")")]
    fields = text[text.rindex(")") + 2:].split()
    return name, int(fields[1]), sum(int(ticks) for ticks in fields[11:15]) / TICKS


def busy_seconds():
    """CPU seconds that the machine has worked so far, whoever for; what a host took away from it counts too."""
    with open("/proc/stat", encoding="utf-8") as file:
        user, nice, system, _, _, interrupts, soft, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) / TICKS


class Family:
    """A server with all its descendants; Postgres and NATS are counted apart from it and its sandboxes."""

    def __init__(self, root):
        self.root = root

    def cpu_seconds(self):
        """{"server", "postgres", "nats"}: CPU seconds so far."""
        stats = {int(pid): stat for pid in os.listdir("/proc") if pid.isdigit() and (stat := _stat(pid))}
        used = {"server": 0.0, "postgres": 0.0, "nats": 0.0}
        for pid, (name, _, seconds) in stats.items():
            if self._descends(pid, stats):
                group = "postgres" if name == "postgres" else "nats" if name == "nats-server" else "server"
                used[group] += seconds
        return used

    def _descends(self, pid, stats):
        while pid in stats:
            if pid == self.root:
                return True
            pid = stats[pid][1]
        return False

    def wait_until_idle(self, longest=10.0):
        """Returns when all have nearly nothing to do for half a second: what was accepted is then routed, run and projected."""
        deadline = time.monotonic() + longest
        while time.monotonic() < deadline:
            before = sum(self.cpu_seconds().values())
            time.sleep(0.5)
            if sum(self.cpu_seconds().values()) - before < 0.08:
                return
