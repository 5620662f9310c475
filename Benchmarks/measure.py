"""What the benchmarks share: figures, the machine's load, commands in turns, processes, free ports."""

import contextlib
import dataclasses
import json
import os
import pathlib
import signal
import socket
import statistics
import struct
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
CORES = os.cpu_count() or 1


@dataclasses.dataclass
class Figure:
    """One line of `make bench`."""

    name: str
    ours: float
    peer: float | None
    unit: str
    # What was measured against, with its version; "-" when there is no honest peer.
    against: str
    # Whether the smaller or the larger number is the better one.
    better: str = "less"
    # The number that issues ask for, in `unit`, itself included; or the ratio that they ask for.
    goal: float | None = None
    goal_is_ratio: bool = False
    # Highest one-minute load average seen around the measurement.
    load: float = 0
    # What else was seen: quantiles, processor time, single rounds.
    details: dict = dataclasses.field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.ours / self.peer if self.peer else None

    @property
    def met(self) -> bool | None:
        measured = self.ratio if self.goal_is_ratio else self.ours
        if self.goal is None or measured is None:
            return None
        return measured <= self.goal if self.better == "less" else measured >= self.goal

    def line(self) -> str:
        peer = "-" if self.peer is None else number(self.peer)
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        rest = f"load={self.load:.2f}/{CORES} better={self.better} peer={self.against.replace(' ', '-')}"
        if self.goal is not None:
            sign = "<=" if self.better == "less" else ">="
            what = "ratio" if self.goal_is_ratio else ""
            rest += f" goal={what}{sign}{number(self.goal)}:{'met' if self.met else 'missed'}"
        return f"bench {self.name} {number(self.ours)} {peer} {ratio} {self.unit}  {rest}"

    def json(self) -> dict:
        return dataclasses.asdict(self) | {"ratio": self.ratio, "met": self.met}


@dataclasses.dataclass
class World:
    """What a benchmark may use."""

    # The binary under measurement, absolute.
    hauban: str
    # An empty folder of this benchmark, removed afterwards; short, since sockets lie in it.
    folder: pathlib.Path
    # Interpreter and tools of `requirements.txt`.
    python: str

    def compiled(self, name: str) -> str:
        """One of the C programs here, compiled."""
        binary = self.folder / name
        if not binary.exists():
            flags = ["-static", "-pthread"] if name == "service" else []
            output("gcc", "-O2", "-Wall", "-Wextra", "-Werror", *flags, "-o", str(binary), str(HERE / f"{name}.c"))
        return str(binary)

    def rendered(self, template: str, folder: pathlib.Path, places: dict, name: str) -> pathlib.Path:
        """A configuration that lies here, with its `@PLACES@` filled, as `folder/name`."""
        folder.mkdir(exist_ok=True)
        text = (HERE / template).read_text()
        for place, value in places.items():
            text = text.replace(f"@{place}@", str(value))
        (folder / name).write_text(text)
        return folder / name


def number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def load() -> float:
    return os.getloadavg()[0]


@dataclasses.dataclass
class Runs:
    """Wall and processor time of the runs of one command, in milliseconds."""

    wall: list[float] = dataclasses.field(default_factory=list)
    processor: list[float] = dataclasses.field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.wall)

    def details(self) -> dict:
        ordered = sorted(self.wall)
        return {
            "runs": len(ordered),
            "fastest": ordered[0],
            "median": self.median,
            "p90": ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))],
            "slowest": ordered[-1],
            "processor_median": statistics.median(self.processor),
        }


def run_once(command: list[str], runs: Runs | None = None, environment: dict | None = None, expect: int = 0) -> None:
    """Runs the command with its output thrown away; the time includes its start and its end."""
    null = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_RDWR, 0) for descriptor in (0, 1, 2)]
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, environment or dict(os.environ), file_actions=null)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != expect:
        raise RuntimeError(f"{' '.join(command)} exited {os.waitstatus_to_exitcode(status)}, not {expect}")
    if runs is not None:
        runs.wall.append(wall * 1000)
        runs.processor.append((usage.ru_utime + usage.ru_stime) * 1000)


def in_turns(commands: list[list[str]], rounds: int, warm: int = 2, environment: dict | None = None) -> list[Runs]:
    """Runs each command `rounds` times, in turns and with the order turned round each time, so that load from outside
    falls on all of them."""
    for command in commands:
        for _ in range(warm):
            run_once(command, environment=environment)
    results = [Runs() for _ in commands]
    for turn in range(rounds):
        order = list(zip(commands, results))
        for command, runs in order if turn % 2 == 0 else reversed(order):
            run_once(command, runs, environment)
    return results


def output(*command: str, **options) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exited {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout or done.stderr


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def wait_for_port(port: int, process: subprocess.Popen, deadline: float = 10) -> None:
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode} before it listened on {port}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} does not listen on {port}")


@contextlib.contextmanager
def running(command: list[str], log: pathlib.Path, environment: dict | None = None):
    """A process of ours until the end of the block; stopped with SIGTERM, after ten seconds with SIGKILL."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def family(process: int) -> list[int]:
    """The process and all that descend from it."""
    found = [process]
    for each in found:
        for task in pathlib.Path(f"/proc/{each}/task").iterdir():
            with contextlib.suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def processor_seconds(process: int) -> float:
    """User and system time of the living threads of the process and of all that descend from it, so far."""
    return sum(own_processor_seconds(each) for each in family(process))


def own_processor_seconds(process: int) -> float:
    """From the scheduler's own account: exact, where the ticks of `/proc/PID/stat` are hundredths of a second."""
    nanoseconds = 0
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(OSError):
            nanoseconds += int((task / "schedstat").read_text().split()[0])
    return nanoseconds / 1e9


def memory_megabytes(process: int) -> float:
    """Memory of the process and of all that descend from it; pages that several share are counted once (PSS)."""
    return sum(own_memory_megabytes(each) for each in family(process))


def held_megabytes(process: int) -> float:
    """What only this process can give back: its memory without the pages of files, which the kernel drops when it needs them."""
    lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:")) / 1024


def own_memory_megabytes(process: int) -> float:
    lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


@dataclasses.dataclass
class Request:
    """What became of one request of `load.c`; times in seconds of CLOCK_MONOTONIC."""

    due: float
    sent: float
    done: float
    status: int
    release: int
    target: int
    failed: bool


class Load:
    """Requests at a constant rate, from `load.c`; `stop` waits for those under way."""

    RECORD = struct.Struct("=qqqiiii")

    def __init__(self, world: World, targets: list[str], rate: float, log: bool = False, **options):
        self.log = world.folder / f"load.{time.monotonic_ns()}.log" if log else None
        command = [world.compiled("load"), "--rate", str(rate)]
        for name, value in options.items():
            command += [f"--{name}"] if value is True else [f"--{name}", str(value)] if value is not False else []
        if self.log:
            command += ["--log", str(self.log)]
        self.process = subprocess.Popen([*command, *targets], stdout=subprocess.PIPE, text=True)

    @property
    def ended(self) -> int:
        """Requests that have ended so far, a few less than there were; needs `log`."""
        assert self.log is not None
        return self.log.stat().st_size // self.RECORD.size if self.log.exists() else 0

    def stop(self) -> dict:
        self.process.terminate()
        return self.result()

    def result(self) -> dict:
        text, _ = self.process.communicate(timeout=120)
        if self.process.returncode != 0:
            raise RuntimeError(f"load ended with {self.process.returncode}")
        return json.loads(text)

    def requests(self) -> list[Request]:
        """In the order in which they were sent; needs `log`."""
        assert self.log is not None
        data = self.log.read_bytes()
        self.log.unlink()
        found = [
            Request(due / 1e9, sent / 1e9, done / 1e9, status, release, target, failure != 0)
            for due, sent, done, status, release, target, failure in self.RECORD.iter_unpack(data)
        ]
        return sorted(found, key=lambda request: request.sent)
