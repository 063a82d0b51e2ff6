"""What each process takes of the machine, read from /proc when somebody asks."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def collect(pids: Mapping[str, int]) -> Iterator[Metric]:
    """Memory, CPU time, threads and open files by process name; a process that is gone is left out."""
    memory = GaugeMetricFamily("process_resident_memory_bytes", "Memory in use, in bytes.", labels=["process"])
    cpu = CounterMetricFamily("process_cpu_seconds", "CPU time used, in seconds.", labels=["process"])
    threads = GaugeMetricFamily("process_threads", "Threads.", labels=["process"])
    files = GaugeMetricFamily("process_open_fds", "Open file descriptors.", labels=["process"])
    up = GaugeMetricFamily("process_up", "1 while the process lives.", labels=["process"])
    for name, pid in pids.items():
        fields = stat(pid)
        up.add_metric([name], 1 if fields else 0)
        if fields:
            memory.add_metric([name], int(fields[21]) * PAGE_BYTES)
            cpu.add_metric([name], (int(fields[11]) + int(fields[12])) / TICKS_PER_S)
            threads.add_metric([name], int(fields[17]))
            files.add_metric([name], open_files(pid))
    yield from (memory, cpu, threads, files, up)


def stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat that follow the command's name; empty when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def open_files(pid: int) -> int:
    try:
        return len(os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return 0
