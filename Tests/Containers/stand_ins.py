"""Images named like the official ones, made of Debian's packages: no registry is reachable where this runs.

PostgreSQL, Redis, nginx, certbot, Node and Python are those of Debian 12; Prometheus, Alertmanager and the exporters those of
Debian's development suite, which are of the versions that are rendered. Grafana, Loki, Alloy and cAdvisor have no package:
`images/stand_in.py` stands for them.

The engine is of the development suite too (28.5): that of Debian 12 (20.10) loses count of a network's endpoints when several
containers come or go at once, and then refuses to remove the network until it is started again (moby issues 42119 and 43286).
Newer engines keep no such count.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "hauban-test")

PACKAGES = [
    "python3", "python3-venv", "python3-psycopg2", "python3-redis", "uvicorn", "alembic", "celery", "nodejs",
    "postgresql-15", "redis-server", "nginx-light", "openssl", "wget", "ca-certificates", "certbot",
]
NEWER = [
    "prometheus", "prometheus-alertmanager", "prometheus-node-exporter", "prometheus-postgres-exporter",
    "prometheus-redis-exporter", "prometheus-blackbox-exporter",
    "docker.io", "docker-cli", "docker-compose", "containerd", "gitleaks",
]

# By name without its version: what an image has besides Debian's files.
IMAGES = {
    "python": [],
    "node": [],
    "postgres": [
        "ENV PATH=/usr/lib/postgresql/15/bin:$PATH",
        "RUN mkdir -p /var/lib/postgresql/data /docker-entrypoint-initdb.d && chown postgres /var/lib/postgresql/data",
        "RUN install --directory --owner postgres --group postgres --mode 3777 /run/postgresql",
        "VOLUME /var/lib/postgresql/data",
        'ENTRYPOINT ["/stand-in/postgres-entrypoint.sh"]',
    ],
    "redis": ["RUN mkdir -p /data && chown redis /data", "VOLUME /data", "WORKDIR /data"],
    "nginx": [],
    "nginxinc/nginx-unprivileged": [
        "RUN cp -r /stand-in/site /etc/nginx/site && mkdir -p /usr/share/nginx/html && chown -R 101 /usr/share/nginx/html",
        "USER 101:101", 'CMD ["nginx", "-c", "/etc/nginx/site/nginx.conf", "-g", "daemon off;"]',
    ],
    "certbot/certbot": [],
    "prom/prometheus": [
        "RUN mkdir -p /prometheus /etc/prometheus && chown 65534 /prometheus", "USER 65534", "VOLUME /prometheus",
        "WORKDIR /prometheus", 'ENTRYPOINT ["/usr/bin/prometheus"]',
    ],
    "prom/alertmanager": [
        "RUN mkdir -p /alertmanager && chown 65534 /alertmanager", "USER 65534", "VOLUME /alertmanager",
        "WORKDIR /alertmanager", 'ENTRYPOINT ["/usr/bin/prometheus-alertmanager"]',
    ],
    "prom/node-exporter": ["USER 65534", 'ENTRYPOINT ["/usr/bin/prometheus-node-exporter"]'],
    "prom/blackbox-exporter": ["USER 65534", 'ENTRYPOINT ["/usr/bin/prometheus-blackbox-exporter"]'],
    "prometheuscommunity/postgres-exporter": [
        "USER 65534", 'ENTRYPOINT ["/usr/bin/prometheus-postgres-exporter"]',
    ],
    "oliver006/redis_exporter": ["RUN ln -s /usr/bin/prometheus-redis-exporter /redis_exporter"],
    "grafana/grafana": [
        "RUN mkdir -p /var/lib/grafana && chown 472 /var/lib/grafana", "USER 472",
        'ENTRYPOINT ["/stand-in/grafana"]',
    ],
    "grafana/loki": ["RUN mkdir -p /loki && chown 10001 /loki", "USER 10001", 'ENTRYPOINT ["/usr/bin/loki"]'],
    "grafana/alloy": ["RUN mkdir -p /var/lib/alloy/data", 'ENTRYPOINT ["/stand-in/alloy"]'],
    "gcr.io/cadvisor/cadvisor": ['ENTRYPOINT ["/stand-in/cadvisor"]'],
}


def read(path):
    with open(path) as file:
        return file.read()


def run(*words, **more):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(words)} exited with {done.returncode}\n{done.stdout}")
    return done.stdout


def base():
    """Debian 12 with what the images need, as a tar: made once, about 90 s."""
    path = os.path.join(CACHE, "bookworm.tar")
    marks = " ".join(PACKAGES)
    if os.path.exists(path) and read(path + ".packages") == marks:
        return path
    os.makedirs(CACHE, exist_ok=True)
    partial = f"{path}.{os.getpid()}"
    without = [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("doc", "man", "locale", "info")]
    run(
        "mmdebstrap", "--quiet", "--variant=minbase", *without, "--aptopt=APT::Install-Recommends \"false\"",
        '--essential-hook=mkdir -p "$1/etc/postgresql-common"',
        '--essential-hook=echo "create_main_cluster = false" > "$1/etc/postgresql-common/createcluster.conf"',
        "--include=" + ",".join(PACKAGES), "--format=tar", "bookworm", partial)
    with open(path + ".packages", "w") as file:
        file.write(marks)
    os.replace(partial, path)
    return path


def newer():
    """A folder of programs from Debian's development suite, fetched by a private apt: the machine's own stays as it is."""
    folder = os.path.join(CACHE, "sid")
    mark = os.path.join(folder, ".packages")
    if os.path.exists(mark) and read(mark) == " ".join(NEWER):
        return folder
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        for part in ("lists/partial", "cache/archives/partial", "debs", "root"):
            os.makedirs(os.path.join(work, part))
        with open(os.path.join(work, "sources.list"), "w") as file:
            keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
            file.write(f"deb [signed-by={keyring}] http://deb.debian.org/debian sid main\n")
        options = {
            "Dir::Etc::sourcelist": f"{work}/sources.list", "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State::lists": f"{work}/lists", "Dir::State::status": "/dev/null", "Dir::Cache": f"{work}/cache",
            "Acquire::Languages": "none", "APT::Sandbox::User": "root", "APT::Update::Post-Invoke": "",
        }
        words = ["apt-get", "-qq"] + [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
        run(*words, "update")
        run(*words, "download", *NEWER, cwd=os.path.join(work, "debs"))
        for name in sorted(os.listdir(os.path.join(work, "debs"))):
            run("dpkg-deb", "-x", os.path.join(work, "debs", name), os.path.join(work, "root"))
        with open(os.path.join(work, "root", ".packages"), "w") as file:
            file.write(" ".join(NEWER))
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(os.path.join(work, "root"), folder)
    return folder


def wheels():
    """A folder of the packages that the cognitive sprint's services are built with, for a build that reaches no index."""
    wanted = os.path.join(HERE, "../../Examples/cognitive-sprint/api/requirements.txt")
    folder = os.path.join(CACHE, "wheels")
    mark = os.path.join(folder, ".requirements")
    if os.path.exists(mark) and read(mark) == read(wanted):
        return folder
    os.makedirs(CACHE, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as work:
        run(sys.executable, "-m", "venv", os.path.join(work, "pip"))
        run(os.path.join(work, "pip/bin/pip"), "download", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:",
            "--requirement", wanted, "--dest", os.path.join(work, "wheels"))
        shutil.copy(wanted, os.path.join(work, "wheels/.requirements"))
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(os.path.join(work, "wheels"), folder)
    return folder


def program(name):
    """Where one of the newer programs lies."""
    for part in ("usr/bin", "usr/sbin", "usr/libexec/docker/cli-plugins", "usr/lib/docker/cli-plugins"):
        path = os.path.join(newer(), part, name)
        if os.path.exists(path):
            return path
    return sys.exit(f"no package of Debian's development suite holds {name} any more")


def build(engine, names):
    """Makes every image of a list of full names, which all share the files of one."""
    programs = newer()
    with tempfile.TemporaryDirectory() as work:
        shutil.copytree(os.path.join(HERE, "images"), os.path.join(work, "stand-in"))
        os.makedirs(os.path.join(work, "bin"))
        for name in sorted(os.listdir(os.path.join(programs, "usr/bin"))):
            if name.startswith("prometheus"):
                shutil.copy(os.path.join(programs, "usr/bin", name), os.path.join(work, "bin", name))
        # Alertmanager reads its templates there.
        shutil.copytree(os.path.join(programs, "usr/share/prometheus/alertmanager"), os.path.join(work, "share"))
        shutil.copytree(wheels(), os.path.join(work, "wheels"))
        engine.docker("import", base(), "hauban-test/debian")
        with open(os.path.join(work, "Dockerfile"), "w") as file:
            file.write(
                "FROM hauban-test/debian\n"
                "COPY bin/ /usr/bin/\nCOPY share/ /usr/share/prometheus/alertmanager/\nCOPY stand-in/ /stand-in/\n"
                "COPY wheels/ /wheels/\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels PIP_DISABLE_PIP_VERSION_CHECK=1\n"
                # Debian's programs and not those of a virtual environment, which holds none.
                "RUN sed -i '1s|.*|#!/usr/bin/python3|' /usr/bin/celery /usr/bin/uvicorn /usr/bin/alembic"
                " && chmod 0755 /stand-in/* && ln -s python3 /usr/bin/python && cd /stand-in"
                " && { echo '#!/usr/bin/python3'; cat stand_in.py; } > role && chmod 0755 role"
                " && for name in grafana loki alloy cadvisor; do cp role $name; done && cp loki /usr/bin/loki\n")
        engine.docker("build", "--quiet", "--tag", "hauban-test/tools", work)
    for name in sorted(names):
        lines = IMAGES[re.sub(r":.*", "", name)]
        engine.docker(
            "build", "--quiet", "--tag", name, "-", input="\n".join(["FROM hauban-test/tools", *lines]) + "\n")
