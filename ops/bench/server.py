"""A server of the benchmark's own, with full durability, and what is asked of it over HTTP and SQL."""
import contextlib
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request


def psql():
    """The path of the program; the newest where it is not in the search path."""
    return shutil.which("psql") or max(glob.glob("/usr/lib/postgresql/*/bin/psql"), key=lambda path: int(re.findall(r"\d+", path)[0]))


class Server:
    """`fastn serve` in a temporary data folder, with private Postgres and NATS; gone when the block ends."""

    def __init__(self, program):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="fastn-bench-")
        # Postgres runs as another user when this is root.
        os.chmod(self.folder, 0o711)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FASTN_")}
        environment.update(FASTN_DATA=f"{self.folder}/data", FASTN_LISTEN="127.0.0.1:0", FASTN_LOG="warning")
        self.environment, self.process, self.ready = environment, None, None

    def __enter__(self):
        self.start()
        return self

    def start(self):
        """Returns when the server says that it serves."""
        path = f"{self.folder}/data/ready.json"
        # What a killed server has left behind.
        if os.path.exists(path):
            os.remove(path)
        self.process = subprocess.Popen([self.program, "serve"], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise SystemExit("make bench: the server does not start; its reason is above")
            time.sleep(0.05)
        with open(path, encoding="utf-8") as file:
            self.ready = json.load(file)

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, how=signal.SIGTERM):
        """Ends the server; when it is killed, its Postgres and NATS stay until the next one starts."""
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()

    @contextlib.contextmanager
    def open_transaction(self, database):
        """A transaction with a snapshot, which stays open as long as the block."""
        session = subprocess.Popen(
            [psql(), "-X", "-q", "-d", self.database_url(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        session.stdin.write("begin isolation level repeatable read; select 'open';\n")
        session.stdin.flush()
        while "open" not in session.stdout.readline():
            if session.poll() is not None:
                raise SystemExit("make bench: a transaction cannot be opened")
        try:
            yield
        finally:
            session.stdin.close()
            session.wait()

    @property
    def port(self):
        return int(urllib.parse.urlparse(self.ready["baseURL"]).port)

    @property
    def credentials(self):
        return {"x-fastn-api-key": self.ready["apiKey"], "x-fastn-space-tenantid": self.ready["tenantID"]}

    def call(self, method, path, body=None):
        """The JSON answer of the API."""
        request = urllib.request.Request(
            self.ready["baseURL"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", **self.credentials})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise SystemExit(f"make bench: {method} {path} was answered with {error.code}: {error.read().decode()}") from error

    def deploy(self, slug, tier, code):
        """Saves and publishes a workflow."""
        tenant = self.ready["tenantID"]
        made = self.call("POST", f"/api/v1/tenants/{tenant}/workflows", {
            "name": slug, "slug": slug, "tier": tier, "language": "javascript", "code": code})
        self.call("POST", f"/api/v1/tenants/{tenant}/workflows/{made['id']}/publish")
        return made["id"]

    def make_trigger(self, name, secret, routes):
        """The path of a new webhook that GitHub's way of signing proves."""
        made = self.call("POST", f"/api/v1/tenants/{self.ready['tenantID']}/triggers", {
            "name": name, "type": "webhook", "verification": {"scheme": "github", "secret": secret}, "routes": routes})
        return urllib.parse.urlparse(made["url"]).path

    def rebuild(self, view):
        """Makes a view anew beside the one that is served; answers the seconds that it took, and those of the CPU that the command used."""
        before = os.times()
        answer = subprocess.run(
            [self.program, "projections", "rebuild", view, "--json", "--data", f"{self.folder}/data"], check=True, capture_output=True, text=True)
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return json.loads(answer.stdout)[0]["milliseconds"] / 1000, used

    def database_url(self, database=None):
        """The URL of the server's database, or of another one in its cluster."""
        url = self.ready["databaseURL"]
        if database is None:
            return url
        parts = urllib.parse.urlparse(url)
        return parts._replace(path=f"/{database}").geturl()

    def sql(self, statement, database=None):
        """Rows of text columns."""
        answer = subprocess.run(
            [psql(), "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", self.database_url(database), "-c", statement],
            check=True, capture_output=True, text=True)
        return [line.split("\t") for line in answer.stdout.splitlines()]
