"""Numba's compiler without the passes that the kernel does not need.

The kernel's variables have one type each, and it has no closures, no comprehensions, no `with`: neither the rewrites for those nor
static single assignment (LLVM makes its own) change what is compiled.  On functions of the kernel's size they take two thirds of
the time."""

from __future__ import annotations

from numba.core.compiler import CompilerBase
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import IRLegalization, NativeLowering, NoPythonBackend, NopythonTypeInference
from numba.core.untyped_passes import FixupArgs, IRProcessing, TranslateByteCode


class LeanCompiler(CompilerBase):
    """For `njit(pipeline_class=...)`: bytecode, types, LLVM."""

    def define_pipelines(self) -> list[PassManager]:
        passes = PassManager("lean")
        passes.add_pass(TranslateByteCode, "analyzing bytecode")
        passes.add_pass(FixupArgs, "fix up args")
        passes.add_pass(IRProcessing, "processing IR")
        passes.add_pass(NopythonTypeInference, "nopython frontend")
        passes.add_pass(IRLegalization, "ensure IR is legal prior to lowering")
        passes.add_pass(NativeLowering, "native lowering")
        passes.add_pass(NoPythonBackend, "nopython mode backend")
        passes.finalize()
        return [passes]
