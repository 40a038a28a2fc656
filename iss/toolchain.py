"""Compile C for the cluster: find a compiler, and build an ELF with the C runtime (firmware/runtime, firmware/include).

Any of these will do, the first that is there: ziglang from PyPI (clang and its linker in a wheel), a RISC-V
gcc, clang with lld.  None knows XpulpV2: C reaches it through xpulp.h."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from iss.errors import SimulationError, suggest

FIRMWARE = Path(__file__).resolve().parents[1] / "firmware"
INCLUDE, RUNTIME = FIRMWARE / "include", FIRMWARE / "runtime"
SOURCES = ("crt0.S", "runtime.c", "hwpe.c")
SUFFIXES = (".c", ".S", ".s", ".o", ".a")
GCC = ("riscv64-unknown-elf-gcc", "riscv32-unknown-elf-gcc", "riscv64-none-elf-gcc", "riscv32-none-elf-gcc")
INSTALL = """there is no C compiler for RISC-V here.  Install one of:
  pip install 'imciss[c]'                       ziglang, a compiler from PyPI (or: pip install ziglang)
  apt install gcc-riscv64-unknown-elf           GCC
  apt install clang lld                         LLVM"""
_COMMON = (
    "-std=gnu11", "-ffreestanding", "-fno-builtin", "-ffunction-sections", "-fdata-sections", "-fno-pic",
    f"-I{INCLUDE}",
)  # fmt: skip
_ABI = "-mabi=ilp32"
_LINK = ("-nostdlib", "-static", "-Wl,--gc-sections", f"-Wl,-T,{RUNTIME / 'cluster.ld'}")


@dataclass(frozen=True)
class Compiler:
    """A compiler with the options it needs for this target; `libraries` come last when linking."""

    name: str
    command: tuple[str, ...]
    link: tuple[str, ...] = _LINK
    libraries: tuple[str, ...] = ()


def _zig() -> Compiler | None:
    if importlib.util.find_spec("ziglang") is not None:
        program: tuple[str, ...] = (sys.executable, "-m", "ziglang")
    elif path := shutil.which("zig"):
        program = (path,)
    else:
        return None
    target = ("-target", "riscv32-freestanding-none", "-mcpu=generic_rv32+m+c+zicsr+unaligned_scalar_mem")
    others = ("-fno-sanitize=undefined", "-fomit-frame-pointer", "-Wno-unused-command-line-argument")
    return Compiler("zig", (*program, "cc", *target, *others, *_COMMON), libraries=("-lcompiler_rt",))


def _gcc() -> Compiler | None:
    path = next((path for name in GCC if (path := shutil.which(name))), None)
    if path is None:
        return None
    target = _accepted((path,), ("-mno-strict-align",))
    # Debian's has a libgcc for rv32im, but does not find it for an architecture with zicsr in its name.
    library = _run([path, "-march=rv32imc", _ABI, "-print-libgcc-file-name"]).stdout.strip()
    return Compiler("gcc", (path, *target, *_COMMON), libraries=(library or "-lgcc",))


def _clang() -> Compiler | None:
    path, linker = shutil.which("clang"), shutil.which("ld.lld")
    if path is None or linker is None:
        return None
    program = (path, "--target=riscv32-unknown-elf")
    return Compiler("clang", (*program, *_accepted(program, ("-mno-strict-align",)), *_COMMON), ("-fuse-ld=lld", *_LINK))


def _accepted(program: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The target's options, as far as the compiler knows them: older ones have CSR instructions in the base instruction set."""
    choices = [(f"-march={march}", _ABI, *extra) for march in ("rv32imc_zicsr", "rv32imc") for extra in (wanted, ())]
    return next((c for c in choices if _run([*program, *c, "-fsyntax-only", "-x", "c", os.devnull]).returncode == 0), choices[0])


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"})


COMPILERS: dict[str, Callable[[], Compiler | None]] = {"zig": _zig, "gcc": _gcc, "clang": _clang}


def find(name: str = "") -> Compiler:
    """The named compiler, or the first there is; SimulationError says what to install."""
    if name and name not in COMPILERS:
        raise SimulationError(f"no compiler {name!r}; {suggest(name, COMPILERS)}")
    found = next((c for n, look in COMPILERS.items() if name in ("", n) and (c := look()) is not None), None)
    if found is None:
        raise SimulationError(INSTALL if not name else f"{name} is not installed: {INSTALL}")
    return found


def build(
    sources: Sequence[str | Path],
    output: str | Path,
    *,
    options: Sequence[str] = (),
    compiler: str = "",
    stack_bytes: int | None = None,
) -> str:
    """Compile and link C and GNU assembly sources with the runtime to an ELF file; what the compiler printed.

    `options` are the compiler's, after the defaults -O2 -g.  SimulationError has its messages when it fails."""
    chosen = find(compiler)
    for source in sources:
        path = Path(source)
        if path.suffix not in SUFFIXES:
            raise SimulationError(f"{source}: iss cc takes {', '.join(SUFFIXES)}")
        if not path.is_file():
            raise SimulationError(f"{source}: there is no such file")
    if stack_bytes is not None and (stack_bytes <= 0 or stack_bytes % 16):
        raise SimulationError(f"a stack of {stack_bytes} bytes is not possible: a multiple of 16")
    link = list(chosen.link)
    if stack_bytes is not None:
        link.append(f"-DIMCISS_STACK_BYTES={stack_bytes}")
    inputs = [*map(str, sources), *(str(RUNTIME / name) for name in SOURCES)]
    command = [*chosen.command, "-O2", "-g", *options, *link, *inputs, *chosen.libraries, "-o", str(output)]
    done = _run(command)
    if done.returncode:
        said = done.stderr.strip()
        if chosen.name == "clang" and "undefined symbol: __" in said:
            said += "\n64-bit division and floating point are functions that clang does not bring along: use zig or gcc"
        raise SimulationError(f"{chosen.name} cannot compile this (exit code {done.returncode}):\n{said}")
    return done.stderr
