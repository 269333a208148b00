"""The whole audit on a Spark cluster of real processes: the same findings, byte for byte, as on DuckDB.

A standalone master and two workers are started here, on free ports of this machine (Java 17, the extra `spark`). The
county is the one with known defects where it lies beside the checkout, else a demo county.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from audited_county import audited, audited_case

ROOT = Path(__file__).resolve().parent.parent
OPEN = Path(os.environ.get("AUDITLIB_CASES", ROOT.parent / "shared" / "cases")) / "open"
PATIENCE = 60  # seconds that a master or a worker may take to say where it listens

pytestmark = pytest.mark.spark


def started(log: Path, said: str) -> str:
    """What the process wrote about itself: the first group of `said`, as soon as it stands in its log."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := re.search(said, log.read_text(encoding="utf-8", errors="replace")):
            return found[1]
        time.sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8", errors="replace"))


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster: one master, two workers of one core each."""
    pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed (extra [spark])")
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    folder = tmp_path_factory.mktemp("cluster")
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class")]
    quick = {"SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
    environment = {**os.environ, **quick, "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder)}
    running: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> Path:
        log = folder / f"{name}.log"
        with log.open("wb") as stream:
            running.append(subprocess.Popen([*command, *arguments], env=environment, stdout=stream, stderr=subprocess.STDOUT))
        return log

    try:
        master = start("master", "org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", "0", "--webui-port", "0")
        address = started(master, r"Starting Spark master at (spark://\S+)")
        worker = ("org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--cores", "1", "--memory", "1g", "--webui-port", "0")
        for log in [start(f"worker{n}", *worker, address) for n in (1, 2)]:
            started(log, r"(Successfully registered with master)")
        yield address
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)


def test_a_cluster_finds_byte_for_byte_what_duckdb_finds(master: str, tmp_path: Path) -> None:
    made = next((audited_case(p.parent) for p in OPEN.glob("*/audit.toml")), None) or audited()  # on DuckDB, once for all tests
    command = [sys.executable, "-m", "auditlib", "audit", str(made.folder), "--out", str(tmp_path / "spark"), "--engine", "spark"]
    given = {**os.environ, "SPARK_MASTER": master, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=given, check=False)
    assert done.returncode == 1, done.stderr
    on_cluster, on_duckdb = (findings(out) for out in (tmp_path / "spark", made.out))
    assert len(on_cluster) >= 20 and on_cluster == on_duckdb


def findings(out: Path) -> list[str]:
    return sorted((out / "findings.jsonl").read_text(encoding="utf-8").splitlines())
