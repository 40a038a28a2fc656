"""Short ways to assemble a text in tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import asm


@pytest.fixture
def words() -> Callable[[str], list[int]]:
    """The 32-bit words of .text, assembled at 0x80."""

    def assemble(text: str) -> list[int]:
        data = asm.assemble_text(text, layout="core").sections[".text"].data
        return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]

    return assemble


@pytest.fixture
def data() -> Callable[[str], bytes]:
    """The bytes of .data, with the text in it."""

    def assemble(text: str) -> bytes:
        sections = asm.assemble_text(f".data\n{text}").sections
        return sections[".data"].data if ".data" in sections else b""

    return assemble


@pytest.fixture
def errors() -> Callable[..., list[str]]:
    """``line:column message`` of each mistake; the text must have some."""

    def assemble(text: str, **options: object) -> list[str]:
        with pytest.raises(asm.AssemblyError) as caught:
            asm.assemble_text(text, **options)  # type: ignore[arg-type]
        return [f"{item.line}:{item.column} {item.message}" for item in caught.value.diagnostics]

    return assemble
