"""Saves aggregates with the library `eventsourcing` and its Postgres recorder, and prints one JSON object.

  eventsourcing_load.py DATABASE_URL PROCESSES EVENTS_A_SAVE SECONDS

Each process is a caller of its own who triggers events of 500 bytes on an aggregate and saves it, again and again.
"""
import json
import os
import sys
import time
import urllib.parse
from multiprocessing import Barrier, Process, Queue

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event

TEXT = "An event of ordinary size. " * 18
WARM_UP = 0.3
# An aggregate is kept in memory by its caller, so its length costs nothing; it only bounds what the process remembers.
EVENTS_AN_AGGREGATE = 2000


class Note(Aggregate):
    """The smallest aggregate there is."""

    @event("Begun")
    def __init__(self):
        self.count = 0

    @event("Taken")
    def take(self, text):
        self.count += 1


def drive(app, events, seconds):
    """How many events were saved, and in which time."""
    note, saved, begun = Note(), 0, time.monotonic()
    app.save(note)
    while time.monotonic() < begun + seconds:
        if note.version > EVENTS_AN_AGGREGATE:
            note = Note()
        for _ in range(events):
            note.take(text=TEXT)
        app.save(note)
        saved += events
    return saved, time.monotonic() - begun


def caller(events, seconds, start, results):
    app = Application()
    drive(app, events, WARM_UP)
    start.wait()
    results.put(drive(app, events, seconds))


def main():
    url = urllib.parse.urlparse(sys.argv[1])
    processes, events, seconds = int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
    more = dict(urllib.parse.parse_qsl(url.query))
    host, port = url.hostname or more.get("host", ""), str(url.port or more.get("port", 5432))
    os.environ.update(
        PERSISTENCE_MODULE="eventsourcing.postgres", POSTGRES_DBNAME=url.path[1:], POSTGRES_HOST=host, POSTGRES_PORT=port,
        POSTGRES_USER=urllib.parse.unquote(url.username or ""), POSTGRES_PASSWORD=urllib.parse.unquote(url.password or ""),
        POSTGRES_POOL_SIZE="1", POSTGRES_MAX_OVERFLOW="2")
    # The tables are made once: processes that make them together fail.
    Application().close()
    os.environ["CREATE_TABLE"] = "no"
    start, results = Barrier(processes), Queue()
    workers = [Process(target=caller, args=(events, seconds, start, results), daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    saved = [results.get(timeout=60 + seconds) for _ in workers]
    for worker in workers:
        worker.join()
    print(json.dumps({"rows": sum(rows for rows, _ in saved), "seconds": max(time for _, time in saved)}))


if __name__ == "__main__":
    main()
