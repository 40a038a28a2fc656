"""Where things are in the machine's arrays.  The kernel, the reference and the Python side all read the names from here."""

from __future__ import annotations

from enum import IntEnum, unique

NEVER = (1 << 62) - 1
"""A clock that does not come: the hart sleeps until someone sets another."""


@unique
class Hart(IntEnum):
    """One hart's row of 64-bit words."""

    CLOCK = 0  # cycle in which the next instruction, or the pending access, is in EX
    INDEX = 1  # place of the next instruction in the decoded code
    BIAS = 2  # its pc is 2 * INDEX + BIAS, modulo 2**32
    PENDING = 3  # what it waits for (Pending)
    RETIRED = 4  # instructions; in the upper half, how many of them were compressed
    PADDR = 5  # pending access: place in the memory array, in bytes; UNCOMMON: PARTS and PAGE say more
    WORD = 6  # the last access served by a bank, or pending at a device: the decoded instruction
    REQUEST = 57  # access pending at a bank: the decoded instruction
    ISSUED = 7  # pending access: cycle in which it first was in EX, or will be
    VADDR = 8  # pending access: address; pending fetch: pc
    PARTS = 9  # pending access: words still to be accessed
    PADDR2 = 10  # pending misaligned access: place of its second word
    VALUE = 11  # pending misaligned load: its first word; an answer from the Python side
    HOLD = 12  # cycle in which an instruction that had waited in ID was in EX
    HOLD_ENTRY = 13  # cycle in which that instruction would have been in EX without waiting
    REDIRECT = 14  # cycle in which the target of the last taken branch or jump was in EX
    LOOPED = 15  # the same for the last hardware-loop jump back
    LP_VISIBLE = 16  # first EX cycle whose fetch saw the last write to a hardware-loop register
    LPSTART0 = 17
    LPEND0 = 18
    LPCOUNT0 = 19
    LPSTART1 = 20
    LPEND1 = 21
    LPCOUNT1 = 22
    EXTRA = 23  # a result's further cycles
    RESPONSE = 60  # cycles that a device's answer is late
    ANSWER = 65  # cycle of the last access's answer, when it is late
    ANSWER_BEFORE = 67  # that of the late one before
    AWAITED = 68  # the register that is loaded with it; NEVER: a store
    HELD_FROM = 66  # cycle since which the access that waits for that answer is in EX
    ID = 61  # mhartid
    FIRST = 24  # EX cycle of the first instruction
    LOADS = 25
    STORES = 26
    JUMPS = 27
    BRANCHES = 28
    TAKEN = 29
    CONFLICTS = 30  # cycles in which a bank did not grant
    CAUSE = 31  # cause of an answer's or result's stalls
    LAST_ACCESS = 32  # twice the cycle in which the last load or store was granted; plus one for a load
    LAST_BRANCH = 33  # EX cycle of the last branch
    LAST_TAKEN = 34
    BURST = 39  # instructions of the last burst
    BURST_START = 56  # INDEX of its first
    BURST_END = 50  # CLOCK behind it
    VIEW = 37  # where its page table begins
    PAGE = 38  # pending access: kind of its page
    MISSES = 35  # what the core counts as instruction misses: targets that need two fetches
    MISSED = 62  # what a CSR instruction at a hardware loop's end will add to that
    PCER_WRITTEN = 63  # cycle of the last write to PCER or PCMR
    MISSED_THEN = 64  # 1: there was such a miss in that cycle
    JUMP_HAZARDS = 40  # register jumps that waited for their register, also where something else hid it
    SELF_JUMPS = 41  # register jumps that waited for themselves, or were killed while they waited
    UNSEEN = 42  # load stalls that the core's counter does not see, less those it counts that cost nothing (modulo 2**64)
    EVENT_CYCLES = 43  # that the core counts as p.elw's: it is in ID, and was executed or dropped
    LINE = 44  # the cache line that was fetched last
    PRIVATE_MISSES = 45  # of the instruction cache
    SHARED_MISSES = 46
    START = 47  # where the last jump went: INDEX
    ARRIVAL = 48  # cycle in which the first word from there was in IF
    FIRST_EX = 51  # when the first instruction from there was in EX, had it not waited in ID
    FULL = 52  # 1: the fetch buffer was full when the hardware loop jumped there
    LEFT = 53  # until when the loop's last instruction was in IF
    SPLIT_LOOP = 54  # not 0: a loop has been set up to begin at a half-word address
    FLUSHED = 55  # EX cycle of the instruction behind the last one that emptied the pipeline
    NOTED = 49  # instructions that waited in ID, since reset
    UNCOUNTED = 36  # retired instructions that the core's counters do not see (traps, fences: they never leave ID)
    HALF_GRANT = 58  # cycle in which the first word of the last misaligned access was granted
    LOOP_HAZARD = 59  # of a register jump at the start of the loop that was jumped back to


HART_WORDS = 72
UNCOMMON = 1 << 62
STALL_STRIDE = 32
REGISTER_STRIDE = 64
"""Registers of a hart: x0..x31, then the slot that writes to x0 go to."""
X0_SINK = 32
NOTE_WORDS = 16
"""The last eight waits in ID of a hart: the EX cycle without the wait, and with it."""
UNDO_ENTRIES = 32
"""What a burst overwrites: the old value of the register, one entry for a cycle."""

# A hart's whole state is one block of 64-bit words: its row, stall cycles, registers, notes, undo entries.
STALLS = HART_WORDS
REGISTERS = STALLS + STALL_STRIDE
NOTES = REGISTERS + REGISTER_STRIDE // 2
UNDO = NOTES + NOTE_WORDS
BLOCK_WORDS = UNDO + UNDO_ENTRIES // 2
HOT = 1 << 17
"""An access that a bank has granted so often is hot: its block is compiled, which takes about as long as it took until then.

A place of code has such a count, or its block's address."""
BURST_COUNT_SHIFT = 40
"""The kernel's `burst` returns the place of the next instruction, and from this bit on how many it has executed."""


@unique
class Pending(IntEnum):
    """What a hart does at its CLOCK."""

    RUN = 0  # execute the next instruction
    BANK = 1  # request its bank
    GRANTED = 2  # a bank grants in this cycle
    ANSWERED = 3  # the Python side answered a load or store (VALUE, RESPONSE, CAUSE)
    RESULT = 4  # the Python side computed an instruction's result (VALUE, EXTRA, CAUSE)
    ACCESS = 5  # the Python side must serve a load or store outside memory
    SYSTEM = 6  # the Python side must execute the instruction
    FETCH = 7  # the Python side must look at VADDR, which holds no code
    BLOCKED = 8  # the Python side will set CLOCK


@unique
class Stall(IntEnum):
    """Why a hart did not retire an instruction in a cycle."""

    LOAD_USE = 0
    JUMP_REGISTER = 1
    BRANCH = 2
    JUMP = 3
    MULTIPLY = 4
    DIVIDE = 5
    MISALIGNED = 6
    TCDM_CONFLICT = 7
    L2 = 8
    PERIPHERAL = 9
    FETCH = 10
    CSR = 11
    FENCE = 12
    EVENT_LOAD = 13
    SLEEP = 14
    BARRIER = 15
    TRAP = 16


@unique
class Page(IntEnum):
    """The kind of a page of the address space, in the low bits of its entry; the rest is its place in memory << 16."""

    UNMAPPED = 0
    RAM = 1  # grants at once, answers in the next cycle
    TCDM = 2  # banked
    TAS = 3  # banked, and a load sets the word to 0xFFFFFFFF (test and set)
    SLOW = 4  # as RAM, but later (Global.SLOW_LATENCY)
    DEVICE = 5


PAGE_BITS = 12
KIND_MASK = 7
PLACE_SHIFT = 16


@unique
class Global(IntEnum):
    """Words of the whole machine."""

    STOP = 0  # run the cycles before this one
    HARTS = 1
    BANK_MASK = 2
    HART = 3  # the hart that the kernel's return value speaks of
    ADDRESS = 4  # the pc that has no decoded code
    TRACED = 5  # rows of the trace in use
    SLOW_LATENCY = 6  # cycles until an access to a slow page is granted
    SLOW_RESPONSE = 38  # cycles that its answer takes longer than one
    INTERCONNECT = 7
    MASTERS = 8  # of the interconnect's first channel
    MASTERS1 = 9  # of its second
    NOW = 10
    STREAMS = 12
    MAX_STALL = 13  # hci: low_prio_max_stall
    INVERT_PRIO = 14
    STALLED = 15  # hci: cycles in which both sides asked
    SHARED = 16  # hci: the cycle in which the banks were last shared out
    CACHE_ON = 17  # instruction cache: enabled
    PRIVATE_LINES = 18  # of one hart
    PRIVATE_WAYS = 19
    PRIVATE_MASK = 20  # of the set, in a line's number
    SHARED_LINES = 21
    SHARED_WAYS = 22
    SHARED_MASK = 23
    SHARED_BANK_MASK = 24
    PRIVATE_REFILL = 25  # cycles from the shared cache
    SHARED_REFILL = 26  # further cycles from L2
    LFSR = 27
    WATCH = 11  # place of a word whose stores the Python side sees; NEVER: none
    AT_CODE = 28  # where the arrays lie on the host, for the kernel's inner functions
    AT_PAGE = 29
    AT_MEM = 30
    AT_CODE_PAGE = 31
    AT_BANK = 32
    AT_TRACE = 33
    AT_ICACHE = 34
    AT_BLOCKS = 35
    HOT = 36  # place of an access whose block is to be compiled; NEVER: none
    COLD = 37  # the count that a place of code begins with, on its way to layout.HOT


@unique
class Bank(IntEnum):
    """One bank's row of 64-bit words."""

    REQUESTS = 0  # bit i: master i requests in this cycle
    POINTER = 1  # round-robin state of the arbiter (channel 0)
    ACCESSES = 2
    CONFLICTS = 3
    POINTER1 = 4  # of channel 1
    CHANNEL = 5  # which channel is served next
    MASTER = 6  # the last master that requested
    FROZEN = 7  # the request set a withheld grant froze; 0: none
    SHUT = 8  # hci: not the cores' in this cycle


BANK_WORDS = 12
MAX_BANKS = 256


@unique
class Stream(IntEnum):
    """A bus master that moves beats between the banks and a buffer, one after the other: an accelerator's or the DMA's port."""

    CLOCK = 0  # cycle in which it next requests
    HEAD = 1  # its current beat
    TAIL = 2  # one past its last
    MASTER = 3  # number of its first word port at the interconnect
    PORTS = 4  # word ports
    WIDE = 5  # all words of a beat are granted together (hci)
    GRANTED = 6  # words of the current beat that were granted
    ENDED = 7
    BEATS = 8  # beats done
    STALLS = 9  # cycles in which a beat was not complete
    PORT_CONFLICTS = 10  # and on: for each word port, cycles in which a bank did not grant it


LINE_SHIFT = 3
"""A cache line is 16 bytes: 8 places of decoded code."""
MAX_PORTS = 20
STREAM_WORDS = Stream.PORT_CONFLICTS + MAX_PORTS


@unique
class Beat(IntEnum):
    """One beat: a piece of memory that a stream's ports access together."""

    PLACE = 0  # of its first byte, in the memory array
    BYTES = 1  # and, in the upper half, 1 to write the buffer to memory, 0 to read memory into the buffer
    BUFFER = 2  # place of the buffer's byte that belongs to the first
    GAP = 3  # cycles it waits after the beat before


BEAT_WORDS = len(Beat)


@unique
class Exit(IntEnum):
    """Why the kernel returned."""

    LIMIT = 0  # every cycle before STOP is done
    SERVE = 1  # hart Global.HART needs the Python side (its PENDING)
    DECODE = 2  # hart Global.HART needs the code at Global.ADDRESS
    TRACE = 3  # the trace is full
    STREAM = 4  # a stream came to its end (Stream.ENDED)
    HOT = 5  # an access at place Global.HOT is hot


@unique
class Interconnect(IntEnum):
    """How a bank chooses among its requesters."""

    LIC = 0
    XBAR = 1
    HCI = 2


# A decoded instruction is one 64-bit word.
OP_BITS = 9
LOOP_END_BIT = 9
COMPRESSED_BIT = 10
RD_SHIFT = 11
RS1_SHIFT = 17
RS2_SHIFT = 22
RS3_SHIFT = 27
IMM_SHIFT = 32
SPLAT_BIT = 63
SELF_JUMP = 4 << RS3_SHIFT
# Loads keep their load-use stall in rs3's bits (operations.load_use), register jumps their hazards.
TRACE_WORDS = 10
TRACE_WAIT = 1 << 8
"""In a trace row's hart: the row is no instruction, its note says what the hart's next one in the trace waited for."""
TRACE_CAUSE_SHIFT = 24
"""A note is a stall cause here and cycles below; a row has two."""
