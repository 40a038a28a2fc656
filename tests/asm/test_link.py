"""Several files in one program, symbols of the layout, and sizes that the layout decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import asm
from iss.isa.decode import decode

Assemble = Callable[..., asm.Program]


@pytest.fixture
def files(tmp_path: Path) -> Assemble:
    def assemble(texts: Mapping[str, str], **options: object) -> asm.Program:
        for name, text in texts.items():
            (tmp_path / name).write_text(text)
        return asm.assemble([tmp_path / name for name in texts], **options)  # type: ignore[arg-type]

    return assemble


def messages(error: asm.AssemblyError) -> list[str]:
    return [f"{Path(d.file).name}:{d.line}:{d.column} {d.message}" for d in error.diagnostics]


def test_files_share_global_symbols_and_keep_their_own(files: Assemble) -> None:
    program = files(
        {
            "a.S": ".globl _start, table\n_start: j work\nlocal: j local\n.data\ntable: .word 1, SIZE\n.equ N, 1",
            "b.S": ".globl work, SIZE\nwork: la a0, table\nlocal: j local\nSIZE = 9\n.data\n.word local, N\n.equ N, 2",
        },
        layout="core",
    )
    code = [program.word(0x80 + 4 * i) for i in range(5)]
    assert code[0] == 0x0080006F
    assert code[1] == code[4] == 0x0000006F
    assert program.symbols["work"] == 0x88
    table = program.symbols["table"]
    assert program.word(table + 4) == 9
    assert program.word(table + 8) == 0x90
    assert program.word(table + 12) == 2
    locals_ = [symbol.value for symbol in program.symbol_table if symbol.name == "local"]
    assert locals_ == [0x84, 0x90]


def test_text_of_several_files_follows_in_order_and_alignment(files: Assemble) -> None:
    program = files({"a.S": ".data\n.byte 1", "b.S": ".data\n.balign 8\n.byte 2", "c.S": ".data\n.byte 3"})
    assert program.sections[".data"].data == bytes([1, 0, 0, 0, 0, 0, 0, 0, 2, 3])


def test_mistakes_of_all_files_at_once(files: Assemble) -> None:
    with pytest.raises(asm.AssemblyError) as caught:
        files(
            {
                "a.S": "bad1\nj nowhere\n.globl twice\ntwice: nop\nj nowhere\nj hidden",
                "b.S": "bad2\n.globl twice\ntwice: nop\nhidden: nop",
            }
        )
    found = messages(caught.value)
    assert [item.split(" ", 1)[0] for item in found] == ["a.S:1:1", "a.S:2:3", "a.S:6:3", "b.S:1:1", "b.S:3:1"]
    assert "undefined symbol 'nowhere'" in found[1]
    assert found[2].endswith("b.S defines it, but does not make it .globl")
    assert "symbol 'twice' is already defined at" in found[4]


def test_a_missing_file() -> None:
    with pytest.raises(asm.AssemblyError, match=r"cannot read /no/such\.S: No such file or directory"):
        asm.assemble(["/no/such.S"])


def test_weak_symbols(files: Assemble) -> None:
    weak = ".globl _start\n.weak hook\n_start: j hook\nhook: ret\n.weak absent\n.data\n.word absent"
    assert files({"a.S": weak}, layout="core").word(0x80) == 0x0040006F
    program = files({"a.S": weak, "b.S": ".globl hook\nhook: nop"}, layout="core")
    assert program.word(0x80) == 0x0080006F
    assert program.symbols["hook"] == 0x88


def test_symbols_of_the_layout() -> None:
    program = asm.assemble_text(
        "la a0, __bss_start\nla a1, __bss_end\nla a2, _end\nla a3, __text_start\nla a4, __l1_start\n.bss\n.space 5"
    )
    names = program.symbols
    assert (names["__bss_start"], names["__bss_end"], names["_end"]) == (0x10000000, 0x10000008, 0x10000010)
    assert names["__text_start"] == 0x1C008000
    assert names["__l1_start"] == 0x10000000
    assert "__data_end" not in names  # nobody asked


def test_a_program_may_define_them_itself() -> None:
    program = asm.assemble_text(".globl _end\n_end = 0x1234\n.data\n.word _end")
    assert program.symbols["_end"] == 0x1234
    assert program.word(0x10000000) == 0x1234


@pytest.mark.parametrize("layout", ["cluster", "core", "bench8"])
def test_portable_symbols_exist_in_every_layout(layout: str) -> None:
    asm.assemble_text(
        "la a0, __l1_end\nla a0, __l2_end\nla a0, __bss_start\nla a0, __bss_end\nla a0, _end", layout=layout
    )


def test_branches_out_of_range() -> None:
    text = "far: .space 4096\nbeq a0, a1, far\nbeq a0, a1, far\nbeqz a0, ahead\n.space 4090\nahead: nop"
    with pytest.raises(asm.AssemblyError) as caught:
        asm.assemble_text(text, name="x.S")
    assert messages(caught.value) == ["x.S:3:13 beq: the target is -4100 bytes away, out of range -4096..4094"]
    with pytest.raises(
        asm.AssemblyError, match=r"jal: the target is \+1048576 bytes away, out of range -1048576..1048574"
    ):
        asm.assemble_text("j far\n.space 0xffffc\nfar: nop")
    with pytest.raises(asm.AssemblyError, match=r"beq: the target is \+5 bytes away, not a multiple of 2"):
        asm.assemble_text("beqz a0, . + 5")
    with pytest.raises(asm.AssemblyError, match="must not lie before the instruction"):
        asm.assemble_text("x: nop\nlp.setup x0, t0, x")


def test_compression_is_off_unless_asked_for() -> None:
    assert asm.assemble_text("addi a0, a0, 1\nmv a0, a1").sections[".text"].size == 8
    assert asm.assemble_text(".option rvc\naddi a0, a0, 1\nmv a0, a1").sections[".text"].size == 4
    text = "addi a0, a0, 1\n.option push\n.option rvc\naddi a0, a0, 1\n.option pop\naddi a0, a0, 1\n.option rvc\n"
    assert asm.assemble_text(text + ".option norvc\nc.nop\nnop").sections[".text"].size == 16


def test_compressed_code_means_the_same() -> None:
    lines = [
        "addi a0, a0, 5", "addi sp, sp, -64", "addi a0, sp, 16", "li a0, -7", "lui a0, 3", "lui a0, 0xffff0",
        "srli a0, a0, 3", "srai s0, s0, 31", "andi a1, a1, -1", "sub a0, a0, a1", "xor a0, a1, a0", "or a0, a0, a1",
        "and s1, s1, a5", "slli t0, t0, 4", "lw a0, 4(a1)", "lw t0, 8(sp)", "sw a0, 64(a1)", "sw t0, 252(sp)",
        "add t0, t0, t1", "add t0, t1, t0", "mv t0, t6", "addi a0, a1, 0", "jr t0", "jalr t0", "ret", "ebreak", "nop",
    ]  # fmt: skip
    text = "\n".join(lines)
    short = asm.assemble_text(".option rvc\n" + text, layout="core")
    full = asm.assemble_text(text, layout="core")
    for i, line in enumerate(lines):
        got, wanted = decode(short.word(0x80 + 2 * i, 2)), decode(full.word(0x80 + 4 * i))
        assert got is not None
        assert wanted is not None
        assert got.size == 2, line
        if line in ("mv t0, t6", "addi a0, a1, 0"):
            assert got.row.key == "add rd, rs1, rs2" or got.row.mnemonic == "add"
        elif line in ("add t0, t1, t0", "xor a0, a1, a0"):
            assert sorted(got.operands.values()) == sorted(wanted.operands.values())
        else:
            assert (got.row.key, got.operands) == (wanted.row.key, wanted.operands), line


def test_jumps_shrink_only_where_they_reach() -> None:
    near = asm.assemble_text(".option rvc\nbeqz a0, x\nj x\njal x\ncall x\ntail x\n.space 200\nx: nop", layout="core")
    assert near.symbols["x"] == 0x80 + 10 + 200
    far = asm.assemble_text(".option rvc\nbeqz a0, x\nj x\njal x\ncall x\ntail x\n.space 4000\nx: nop", layout="core")
    assert far.symbols["x"] == 0x80 + 20 + 4000


def test_growing_one_branch_may_grow_another() -> None:
    body = "".join(f"l{i}: beqz a0, l{i + 100}\n.space {2 * (i % 3)}\n" for i in range(400))
    tail = "".join(f"l{i}: c.nop\n" for i in range(400, 500))
    program = asm.assemble_text(f".option rvc\n{body}{tail}", layout="core")
    for i in range(400):
        start = program.symbols[f"l{i}"]
        found = decode(program.word(start, 4))
        assert found is not None
        assert start + found.operands["offset"] == program.symbols[f"l{i + 100}"]


def test_lines() -> None:
    program = asm.assemble_text("nop\n\nli a0, 0x12345\n.word 1\nret", layout="core", name="a.S")
    assert program.lines == (asm.Line(0x80, "a.S", 1), asm.Line(0x84, "a.S", 3), asm.Line(0x90, "a.S", 5))


def test_the_same_source_makes_the_same_file() -> None:
    text = "_start: la a0, x\n.option rvc\nx: beqz a0, x\n.data\n.word x"
    assert asm.assemble_text(text).elf == asm.assemble_text(text).elf
