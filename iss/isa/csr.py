"""The control and status registers of RI5CY v3.4.0 (riscv_cs_registers.sv), each once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CsrRegister:
    """`writable` are the bits that a write changes; `flushes` marks a CSR whose access empties the pipeline."""

    address: int
    name: str
    manual: str
    reset: int = 0
    writable: int = 0xFFFFFFFF
    flushes: bool = False
    counter: bool = False  # clearing bits with csrrc computes operand & ~old (riscv_cs_registers.sv)


PCCR_EVENTS = (
    "CYCLES", "INSTR", "LD_STALL", "JMP_STALL", "IMISS", "LD", "ST", "JUMP", "BRANCH", "BTAKEN", "RVC", "ELW",
    "LD_EXT", "ST_EXT", "LD_EXT_CYC", "ST_EXT_CYC", "TCDM_CONT",
)  # fmt: skip
CORE_EVENTS = PCCR_EVENTS.index("LD_EXT")
"""The core's own events; those behind them are N_EXT_PERF_COUNTERS inputs, whose counters a core without them lacks."""
PCCR0 = 0x780
PCCR_ALL = 0x79F

ABSENT = {
    "mie": 0x304, "mcounteren": 0x306, "mtval": 0x343, "mip": 0x344,
    "mcycle": 0xB00, "minstret": 0xB02, "mcycleh": 0xB80, "minstreth": 0xB82,
    "cycle": 0xC00, "time": 0xC01, "instret": 0xC02, "cycleh": 0xC80, "timeh": 0xC81, "instreth": 0xC82,
    "mvendorid": 0xF11, "marchid": 0xF12, "mimpid": 0xF13,
}  # fmt: skip
"""The privileged manual's CSRs that RI5CY lacks: it reads every address that it does not know as 0, without a trap."""

CSRS: tuple[CsrRegister, ...] = (
    CsrRegister(0x000, "ustatus", "user status; PULP_SECURE only: reads 0", writable=0, flushes=True),
    CsrRegister(0x014, "uhartid", "copy of mhartid", writable=0),
    CsrRegister(0x041, "uepc", "user exception pc; PULP_SECURE only: reads 0", writable=0, flushes=True),
    CsrRegister(0x300, "mstatus", "bit 3 MIE, bit 7 MPIE, MPP reads 3", 0x1800, 0x88, flushes=True),
    CsrRegister(0x301, "misa", "RV32IMC and custom extensions", 0x40801104, 0),
    CsrRegister(0x305, "mtvec", "trap vectors: boot address, 256-byte aligned, vectored", writable=0),
    CsrRegister(0x340, "mscratch", "scratch"),
    CsrRegister(0x341, "mepc", "exception pc; bit 0 is 0", writable=0xFFFFFFFE),
    CsrRegister(0x342, "mcause", "bit 31 interrupt, bits 4:0 cause", writable=0x8000001F),
    *(CsrRegister(PCCR0 + i, f"pccr{i}", f"performance counter: {event}", counter=True) for i, event in enumerate(PCCR_EVENTS)),
    CsrRegister(PCCR_ALL, "pccrall", "writes every performance counter; reads 0", counter=True),
    CsrRegister(0x7B0, "dcsr", "debug control", writable=0, flushes=True),
    CsrRegister(0x7B1, "dpc", "debug pc", writable=0, flushes=True),
    CsrRegister(0x7B2, "dscratch0", "debug scratch", flushes=True),
    CsrRegister(0x7B3, "dscratch1", "debug scratch", flushes=True),
    CsrRegister(0x7C0, "lpstart0", "hardware loop 0: first instruction"),
    CsrRegister(0x7C1, "lpend0", "hardware loop 0: last instruction"),
    CsrRegister(0x7C2, "lpcount0", "hardware loop 0: iterations left"),
    CsrRegister(0x7C4, "lpstart1", "hardware loop 1: first instruction"),
    CsrRegister(0x7C5, "lpend1", "hardware loop 1: last instruction"),
    CsrRegister(0x7C6, "lpcount1", "hardware loop 1: iterations left"),
    CsrRegister(0x7E0, "pcer", "performance counters: enabled events", writable=(1 << len(PCCR_EVENTS)) - 1, counter=True),
    CsrRegister(0x7E1, "pcmr", "performance counters: bit 0 active, bit 1 saturating", 3, 3, counter=True),
    CsrRegister(0xC10, "privlv", "privilege level: 3, machine", 3, 0),
    CsrRegister(0xCC0, "upcer", "user alias of pcer", writable=(1 << len(PCCR_EVENTS)) - 1, counter=True),
    CsrRegister(0xCC1, "upcmr", "user alias of pcmr", 3, 3, counter=True),
    CsrRegister(0xF14, "mhartid", "cluster << 5 | core", writable=0),
    *(CsrRegister(address, name, "not in RI5CY: reads 0, ignores writes", writable=0) for name, address in ABSENT.items()),
)
BY_ADDRESS = {csr.address: csr for csr in CSRS}
BY_NAME = {csr.name: csr for csr in CSRS}


def csr_name(address: int) -> str:
    """The name of a CSR, or its number in hexadecimal."""
    csr = BY_ADDRESS.get(address)
    return csr.name if csr else f"0x{address:x}"
