"""The four releases of the demonstration do what the demonstration says they do."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

DEMO = Path(__file__).resolve().parent.parent
VERSIONS = {1: "1.0.0", 2: "1.1.0", 3: "1.2.0", 4: "1.3.0"}


def apply(release: int | str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(DEMO / "apply.sh"), str(release), str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def applied(release: int, folder: Path) -> Path:
    done = apply(release, folder)
    assert done.returncode == 0, done.stderr
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


class Database:
    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool
        )

    def rows(self, statement: str) -> list[object]:
        with self._engine.begin() as connection:
            return list(connection.execute(text(statement)).scalars())

    def revision(self) -> list[object]:
        return self.rows("SELECT version_num FROM alembic_version")

    def columns(self) -> list[object]:
        return self.rows(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() ORDER BY 1"
        )


@pytest.fixture
def database() -> Iterator[Database]:
    given = os.environ.get("DATABASE_URL")
    if not given:
        pytest.exit("set DATABASE_URL, or run scripts/with-postgres.sh pytest", returncode=2)
    url = make_url(given)
    name = f"test_{uuid.uuid4().hex[:12]}"
    driver = url.set(drivername="postgresql+psycopg")
    engine = create_engine(driver, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    scoped = url.update_query_dict({"options": f"-csearch_path={name}"})
    yield Database(scoped.render_as_string(False))
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


def migrate(platform: Path, database: Database) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=platform / "api",
        env={**os.environ, "DATABASE_URL": database.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class API:
    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with self._opener.open(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def ready(self) -> bool:
        try:
            return self.call("GET", "/health")[0] == 200
        except OSError:
            return False

    def create(self) -> tuple[int, dict[str, object]]:
        return self.call("POST", "/api/sessions", {"topic": "Fewer meetings"})


@contextmanager
def serving(platform: Path, database: Database) -> Iterator[API]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "app"],
        cwd=platform / "api",
        env={
            **os.environ,
            "DATABASE_URL": database.url,
            "APP_HOST": "127.0.0.1",
            "PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
    )
    try:
        api = API(port)
        deadline = time.monotonic() + 20
        while not api.ready():
            assert time.monotonic() < deadline, "it does not become ready"
            threading.Event().wait(0.05)
        yield api
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize("release", [1, 2, 3, 4])
def test_each_release_applies_whatever_was_there_before(release: int, tmp_path: Path) -> None:
    fresh = contents(applied(release, tmp_path / "fresh"))
    assert f'VERSION = "{VERSIONS[release]}"' in fresh["api/app/version.py"].decode()
    assert not any(path.startswith("demo/") for path in fresh)
    used = tmp_path / "used"
    for earlier in (4, 3, 2, 1):
        applied(earlier, used)
    kept = used / ".git" / "config"
    kept.parent.mkdir()
    kept.write_text("kept")
    assert contents(applied(release, used)) == {**fresh, ".git/config": b"kept"}


def test_a_release_applies_inside_another_repository(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    inside = contents(applied(3, tmp_path / "build" / "platform"))
    assert "api/app/recent.py" in inside


def test_the_script_wipes_nothing_that_it_has_not_made(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    assert apply(1, tmp_path).returncode == 64
    assert apply(1, DEMO.parent).returncode == 64
    assert apply(1, DEMO / "tests").returncode == 64
    assert apply(5, tmp_path / "new").returncode == 64
    assert precious.read_text() == "precious"


def test_release_2_adds_votes_and_release_1_lives_on_its_schema(
    tmp_path: Path, database: Database
) -> None:
    first = applied(1, tmp_path / "1")
    second = applied(2, tmp_path / "2")
    assert migrate(first, database).returncode == 0
    with serving(first, database) as old:
        _, session = old.create()
        assert migrate(second, database).returncode == 0
        assert database.revision() == ["0004"]
        with serving(second, database) as new:
            path = f"/api/sessions/{session['id']}"
            for api in (old, new):
                assert api.call("POST", f"{path}/advance")[0] == 200
            _, current = old.call("GET", path)
            state = current["state"]
            assert isinstance(state, dict)
            vote = {"idea": state["ideas"][0], "voter": "ana"}
            assert new.call("POST", f"{path}/votes", vote)[0] == 201
            assert old.call("POST", f"{path}/votes", vote)[0] == 404
            assert old.create()[0] == 201
            assert old.ready()
    # The old release again, after a return: its migrations find a newer schema and leave it.
    assert migrate(first, database).returncode == 0
    assert database.revision() == ["0004"]


def test_release_3_is_ready_passes_a_smoke_test_and_then_answers_500(
    tmp_path: Path, database: Database
) -> None:
    third = applied(3, tmp_path / "3")
    assert migrate(third, database).returncode == 0
    with serving(third, database) as api:
        statuses = [api.create()[0] for _ in range(30)]
        assert statuses == [201] * 24 + [500] * 6
        # Its probes see nothing of it.
        assert api.ready()
        assert api.call("GET", "/live")[0] == 200


def test_release_4_fails_to_migrate_and_leaves_nothing_behind(
    tmp_path: Path, database: Database
) -> None:
    second = applied(2, tmp_path / "2")
    fourth = applied(4, tmp_path / "4")
    assert migrate(second, database).returncode == 0
    with serving(second, database) as api:
        assert api.create()[0] == 201
        before = database.columns()
        failed = migrate(fourth, database)
        assert (failed.returncode, failed.stderr) == (1, "")
        last = json.loads(failed.stdout.splitlines()[-1])
        assert (last["severity"], last["event"]) == ("CRITICAL", "migration_failed")
        assert 'column "facilitator"' in last["message"]
        assert "null values" in last["message"]
        assert database.columns() == before
        assert database.revision() == ["0004"]
        assert api.create()[0] == 201


def test_release_4_passes_where_no_session_is_which_is_why_it_was_not_noticed(
    tmp_path: Path, database: Database
) -> None:
    fourth = applied(4, tmp_path / "4")
    assert migrate(fourth, database).returncode == 0
    assert database.revision() == ["0005"]
