"""Who runs the points: processes of this machine, or the workers of a Dask cluster.

Either yields each point with its row as it comes, in any order; the row of a point whose worker died says so."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any

from pebble import ProcessExpired, ProcessPool

from iss import programs
from iss.cluster import Cluster
from iss.engine.layout import Page
from iss.errors import SimulationError
from tools.sweep.point import Point, run, simulator
from tools.sweep.row import LOST, Row, outcome

Done = Generator[tuple[Point, Row]]
SCHEDULER_SECONDS = 10
POLL_SECONDS, LOOK_SECONDS = 0.02, 5.0
LOOP = bytes.fromhex("6f000000")  # j .
TRIES = 2
"""How often a point is begun whose process dies; Dask's own number is distributed.scheduler.allowed-failures."""


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# -- compiling before the work begins ------------------------------------------------------------------------------------


Kind = dict[str, Any]


def kinds(points: Iterable[Point]) -> list[Kind]:
    """The settings of machine and instruction cache that there are: what kernels differ by."""
    found = {tuple((n, p.settings[n]) for n in ("machine", "icache") if n in p.settings) for p in points}
    return [dict(kind) for kind in sorted(found, key=str)]


def compile_kernels(wanted: Iterable[Kind], announce: Callable[[Cluster], None] = lambda cluster: None) -> None:
    """Have the kernels in this machine's cache, by running an endless loop for a cycle."""
    for kind in wanted:
        try:
            cluster = Cluster(**kind)
        except SimulationError:
            continue  # its points will say so
        announce(cluster)
        entry = next(region.base for region in cluster.machine.map.regions if region.kind != Page.DEVICE)
        cluster.write(entry, LOOP)
        cluster.run(entry, max_cycles=1)


# -- processes -----------------------------------------------------------------------------------------------------------


def on_processes(points: Sequence[Point], jobs: int) -> Done:
    """On `jobs` processes of this machine; closing the iterator ends them."""
    compile_kernels(kinds(points), programs.announce)
    left = list(points)
    for last in [False] * (TRIES - 1) + [True]:
        pool = ProcessPool(max_workers=min(jobs, len(left)), context=multiprocessing.get_context("spawn"))
        try:
            futures: dict[Future[Row], Point] = {pool.schedule(run, args=[point]): point for point in left}
            left = []
            for future in as_completed(futures):
                point, error = futures[future], future.exception()
                if error is None:
                    yield point, future.result()
                elif isinstance(error, (ProcessExpired, BrokenProcessPool)) and not last:
                    left.append(point)
                else:
                    yield point, _lost(error)
        finally:
            pool.stop()
            pool.join()
        if not left:
            return


def _lost(error: BaseException) -> Row:
    if isinstance(error, ProcessExpired):
        return outcome(LOST, None, f"the process that simulated it died with code {error.exitcode}; is there enough memory?")
    text = str(error) or type(error).__name__
    return outcome(LOST, None, text if isinstance(error, SimulationError) else f"{type(error).__name__}: {text}")


# -- Dask ----------------------------------------------------------------------------------------------------------------


def on_dask(points: Sequence[Point], scheduler: str, tell: Callable[[str], None]) -> Done:
    """On the workers of the Dask cluster at an address, e.g. tcp://host:8786, those that come later included.

    A point of a worker that dies is begun anew by another.  SimulationError when no scheduler answers, or when a host
    of the cluster cannot run the simulator."""
    with _client(scheduler) as client, closing(_submitted(client, points, tell)) as done:
        yield from done


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise SimulationError(
            "--scheduler needs dask.distributed, which is not installed: pip install 'imciss[sweep]' "
            "(or: pip install distributed)"
        ) from None
    try:
        client = Client(scheduler, timeout=SCHEDULER_SECONDS)
    except (OSError, ValueError) as error:
        reason = str(error) or "no answer"
        raise SimulationError(
            f"no Dask scheduler answers at {scheduler}: {reason}; start one with `dask scheduler`, workers with "
            f"`dask worker {scheduler} --nworkers auto --nthreads 1`"
        ) from None
    try:
        yield client
    finally:
        client.close()


def _submitted(client: Any, points: Sequence[Point], tell: Callable[[str], None]) -> Done:
    _prepare(client, kinds(points), tell)
    futures = {client.submit(run, point, key=f"iss-sweep-{point.key}"): point for point in points}
    try:
        for future in _completed(client, futures, tell):
            try:
                row = future.result()
            except CancelledError:
                row = outcome(LOST, None, "the Dask scheduler is gone")
            except Exception as error:
                row = _lost(error)
            yield futures[future], row
    finally:
        client.cancel(list(futures))


def _completed(client: Any, futures: Iterable[Any], tell: Callable[[str], None]) -> Iterator[Any]:
    """Futures as they are done; says so, once, while there are no workers to do them."""
    from distributed import as_completed as completed

    done = completed(futures)
    told, look = False, 0.0
    while not done.is_empty():
        if done.has_ready():
            yield next(done)
            continue
        time.sleep(POLL_SECONDS)
        if time.monotonic() > look:
            look = time.monotonic() + LOOK_SECONDS
            alone = client.status == "running" and not client.ncores()
            if alone and not told:
                tell("the Dask cluster has no workers: waiting for one")
            told = alone


def _prepare(client: Any, wanted: list[Kind], tell: Callable[[str], None]) -> None:
    """Compile on one worker of each host, before several do; SimulationError where imciss is not, or another version."""
    # A worker dies of a function that it cannot import, so import_module, which every worker has, looks for it first.
    for _ in _on_each_host(client, import_module, __name__, tell):
        pass
    for worker, future in _on_each_host(client, prepare, wanted, tell):
        version = future.result()
        if version != simulator():
            raise SimulationError(
                f"{worker} has another version of imciss: its files are {version}, here they are {simulator()}"
            )


def _on_each_host(
    client: Any, function: Callable[..., Any], argument: Any, tell: Callable[[str], None]
) -> Iterator[tuple[str, Any]]:
    """Workers and what a function did there; on the first that comes, where there are none."""
    hosts: dict[str, str] = {}
    for address, worker in client.scheduler_info(n_workers=-1)["workers"].items():
        hosts.setdefault(worker["host"], address)
    futures = {
        client.submit(function, argument, workers=address, allow_other_workers=address is not None, pure=False): address
        for address in hosts.values() or [None]
    }
    for future in _completed(client, futures, tell):
        name = f"the Dask worker {futures[future]}" if futures[future] else "a Dask worker"
        error = future.exception()
        if error is not None:
            raise SimulationError(
                f"{name} cannot run the simulator, {type(error).__name__}: {error}; imciss must be installed there, too"
            )
        yield name, future


def prepare(wanted: list[Kind]) -> str:
    """On a worker: compile; the version that is installed there."""
    compile_kernels(wanted)
    return simulator()
