"""C programs: compiled with whatever compiler is here (the test extra has ziglang), and run."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from iss import toolchain
from iss.cli import main
from iss.cluster import Cluster
from iss.errors import SimulationError
from iss.result import RunResult

Runner = Callable[..., tuple[RunResult, str, Cluster]]

MATMUL = """
#include "imciss.h"
#define N 32
signed char a[N][N], b[N][N];
int c[N][N];

int spmd_main(int hart, int harts) {
    for (int i = hart; i < N; i += harts)
        for (int j = 0; j < N; j++)
            a[i][j] = 7 * i - j, b[i][j] = i + 3 * j;
    barrier();
    perf_start();
    for (int i = hart; i < N; i += harts)
        for (int j = 0; j < N; j++)
            for (int k = 0; k < N; k += 4)
                c[i][j] = pv_sdotsp_b(c[i][j], *(int *)&a[i][k], *(int *)&b[j][k]);
    barrier();
    if (hart == 0)
        printf("%u cycles\\n", perf_read(PERF_CYCLES));
    return 0;
}
"""


@pytest.fixture
def run_c(tmp_path: Path, c_compiler: None) -> Runner:
    """Compile sources (texts; with a name the file's ending), and run them."""

    def run(*texts: str, options: tuple[str, ...] = (), compiler: str = "", **values: object) -> tuple[RunResult, str, Cluster]:
        paths = []
        for number, text in enumerate(texts):
            paths.append(tmp_path / f"source{number}{'.c' if '#include' in text else '.S'}")
            paths[-1].write_text(text)
        told = toolchain.build(paths, tmp_path / "program.elf", options=["-Wall", "-Wextra", *options], compiler=compiler)
        assert told == ""
        printed = bytearray()
        cluster = Cluster(stdout=lambda hart, data: printed.extend(data), **values)  # type: ignore[arg-type]
        cluster.load_elf(tmp_path / "program.elf")
        return cluster.run(max_cycles=10**6), printed.decode(), cluster

    return run


@pytest.mark.parametrize("level", ["-O0", "-O2"])
def test_matmul_on_eight_harts(run_c: Runner, level: str) -> None:
    result, printed, cluster = run_c(MATMUL, options=(level,))
    assert result.exit_code == 0
    i, j = np.indices((32, 32))
    a, b = (7 * i - j).astype(np.int8).astype(np.int32), (i + 3 * j).astype(np.int8).astype(np.int32)
    assert cluster.executable is not None
    found = np.frombuffer(cluster.read(cluster.executable.symbols["c"], 4096), "<i4").reshape(32, 32)
    np.testing.assert_array_equal(found, a @ b.T)
    cycles = int(printed.removesuffix(" cycles\n"))
    assert 1024 < cycles < (10**6 if level == "-O0" else 20_000)
    busy = [hart["instructions"] for hart in result.stats["harts"]]
    assert min(busy) > 0.8 * max(busy)


@pytest.fixture(params=toolchain.COMPILERS)
def compiler(request: pytest.FixtureRequest) -> str:
    """The name of each compiler that is here."""
    name = str(request.param)
    if toolchain.COMPILERS[name]() is None:
        pytest.skip(f"{name} is not installed")
    return name


def test_every_compiler(run_c: Runner, compiler: str) -> None:
    assert run_c(MATMUL, compiler=compiler)[0].exit_code == 0


def test_compilers_bring_their_functions(run_c: Runner, compiler: str) -> None:
    """64-bit division and floating point are library functions."""
    text = """
#include "imciss.h"
volatile long long x = 1234567890123456789ll, y = 977;
volatile float f = 2.5f;
volatile double d = 3.25;
int main(void) {
    printf("%d %d %d\\n", (int)(x / y % 1000000007), (int)(f * 10.0f), (int)(d * d * 100));
    return 0;
}
"""
    if compiler == "clang":
        with pytest.raises(SimulationError, match="functions that clang does not bring along: use zig or gcc"):
            run_c(text, compiler=compiler)
        return
    assert run_c(text, compiler=compiler)[1] == f"{1234567890123456789 // 977 % 1000000007} 25 1056\n"


@pytest.mark.parametrize("harts", [1, 3, 8, 16])
def test_fork_and_join(run_c: Runner, harts: int) -> None:
    text = """
#include "imciss.h"
static int seen[16];
static void work(void *step) { seen[hart_id()] += *(int *)step; }
int main(void) {
    int step = 3, sum = 0;
    for (int i = 0; i < 4; i++)
        fork(work, &step);
    for (int i = 0; i < 16; i++)
        sum += seen[i];
    return sum == 12 * hart_count() ? hart_count() : 100;
}
"""
    assert run_c(text, harts=harts)[0].exit_code == harts


def test_printf(run_c: Runner) -> None:
    text = """
#include "imciss.h"
int main(void) {
    printf("%d %i %u|%5d|%-5d|%05d|%x %X %08x|%c|%s|%6s|%-6s|%%\\n", -2147483647 - 1, 42, 4294967295u, -12,
           -12, -12, 0xbeef, 0xbeef, 0x1234, 'x', "text", "ab", "cd");
    puts("end");
    return printf("%d\\n", 12345);
}
"""
    result, printed, _ = run_c(text)
    first = "-2147483648 42 4294967295|  -12|-12  |-0012|beef BEEF 00001234|x|text|    ab|cd    |%"
    assert printed == f"{first}\nend\n12345\n"
    assert result.exit_code == 6


def test_lock(run_c: Runner) -> None:
    text = """
#include "imciss.h"
static volatile int count;
int spmd_main(int hart, int harts) {
    (void)hart;
    for (int i = 0; i < 20; i++) {
        lock();
        count = count + 1;
        unlock();
    }
    barrier();
    return count == 20 * harts ? 0 : 1;
}
"""
    assert run_c(text)[0].exit_code == 0


def test_dma(run_c: Runner) -> None:
    text = """
#include "imciss.h"
L2 unsigned char far[64][64], back[4096];
unsigned char near[4096];
int main(void) {
    for (int i = 0; i < 4096; i++)
        far[i / 64][i % 64] = (unsigned char)(i * 7 + i / 64);
    dma_wait(dma_to_l1_2d(near, &far[3][5], 16 * 11, 16, 64));
    for (int i = 0; i < 16 * 11; i++)
        if (near[i] != far[3 + i / 16][5 + i % 16])
            return 1;
    int first = dma_to_l1(near, far, 2048), second = dma_to_l1(near + 2048, &far[32][0], 2048);
    dma_wait(first);
    dma_wait(second);
    dma_wait(dma_to_l2(back, near, 4095));
    return memcmp(back, far, 4095) || back[4095] ? 2 : 0;
}
"""
    result, _, _ = run_c(text)
    assert result.exit_code == 0
    assert result.stats["harts"][0]["stalls"]["sleep"] > 300


def test_hardware_loop(run_c: Runner) -> None:
    text = """
#include "imciss.h"
static int data[100];
int main(void) {
    int sum = 0, n = 100, *p = data, value;
    for (int i = 0; i < 100; i++)
        data[i] = i;
    __asm__ volatile(XPULP_LOOP(0, "%[n]", "lw %[v], 0(%[p])\\n addi %[p], %[p], 4", "add %[s], %[s], %[v]")
                     : [s] "+r"(sum), [p] "+r"(p), [v] "=&r"(value) : [n] "r"(n) : "memory");
    return sum == 4950 && p == data + 100 ? 0 : sum;
}
"""
    assert run_c(text)[0].exit_code == 0


def test_assembly_beside_c(run_c: Runner) -> None:
    c = '#include "imciss.h"\nint add3(int, int, int);\nint main(void) { return add3(1, 2, 3); }\n'
    assembly = "    .text\n    .globl add3\nadd3:\n    add a0, a0, a1\n    add a0, a0, a2\n    ret\n"
    assert run_c(c, assembly)[0].exit_code == 6


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "a.c", tmp_path / "a.elf"
    source.write_text('#include "imciss.h"\nint main(void) { return VALUE; }\n')
    assert main(["cc", str(source), "-o", str(target), "-D", "VALUE=42", "-O", "s", "--stack", "4096"]) == 0
    assert main(["run", str(target), "--quiet"]) == 42
    source.write_text("int main(void) { return nothing; }\n")
    assert main(["cc", str(source), "-o", str(target)]) == 2
    error = capsys.readouterr().err
    assert "cannot compile" in error
    assert "nothing" in error


def test_mistakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SimulationError, match="there is no such file"):
        toolchain.build([tmp_path / "no.c"], tmp_path / "x")
    with pytest.raises(SimulationError, match="iss cc takes"):
        toolchain.build([tmp_path / "no.cpp"], tmp_path / "x")
    with pytest.raises(SimulationError, match="no compiler 'zog'; did you mean zig"):
        toolchain.find("zog")
    (tmp_path / "a.c").write_text("")
    with pytest.raises(SimulationError, match="multiple of 16"):
        toolchain.build([tmp_path / "a.c"], tmp_path / "x", stack_bytes=100)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setitem(sys.modules, "ziglang", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SimulationError, match=r"no C compiler.*\n  pip install 'imciss\[c\]'"):
        toolchain.find()
