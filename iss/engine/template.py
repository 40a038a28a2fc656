"""The interpreter's frame: the schedule of the harts, the pipeline's timing, memory and arbitration.

`emit` turns this text into the kernels: it writes the instructions' cases over the ``DISPATCH_...`` lines and keeps a line marked
``# [feature]`` only in variants with that feature.  All state is in the arrays; a call may stop before any cycle and go on later.
Numba infers every integer's type here: state words are uint64, and so are the constants (H_... from layout.Hart and so on).

A cycle has two halves (`run`).  First the harts whose clock has come act (`turn`): they complete what a device answered, execute
instructions, and request banks; streams request the words of their beats.  Then each requested bank grants one master, and
that hart's access is completed (`grant`: by a compiled block where there is one, see blocks.py, else by `complete`, or by `turn`
when it is no common one).  What a hart does next and nobody else can notice is done ahead of time: instructions that only
the ALU is busy with (`burst`), whose overwritten registers are kept in UNDO for `Machine` to take back those that turn out to come
too early, and the address of the next request.  A hart whose turn is the only event before another cycle goes on alone until then.

Timing follows the pipeline rules of docs/timing.md, stated for the cycle in which an instruction is in EX.  An instruction that
waited in ID (behind a busy EX, a lost arbitration, a load-use stall) leaves a note, HOLD, for the jump or loop end that the
wait hides a fetch bubble of.  The cases of the common instructions are kept apart and end in ``continue``: what they do not
need must not occupy registers.
"""

# ruff: noqa
# mypy: ignore-errors


def nearest(requests, pointer):
    """The index i in the set that is least in (i XOR pointer): the arbitration tree, from its root (rr_arb_tree)."""
    chosen = ZERO
    level = U32
    ones = M32
    while level:
        upper = (requests >> level) & ones
        lower = requests & ones
        if (pointer & level and upper) or lower == ZERO:
            requests = upper
            chosen |= level
        else:
            requests = lower
        level = level >> ONE
        ones = ones >> level
    return chosen


def rotate(BANK, bb, requests, first_masters, second_masters):
    """XBAR_TCDM with arb_policy 0: a counter for each of one or two channels; two channels take turns."""
    of_first = requests & ((ONE << first_masters) - ONE)
    of_second = requests >> first_masters
    second_turn = BANK[bb + B_CHANNEL]
    BANK[bb + B_CHANNEL] = second_turn ^ ONE
    if of_second and (of_first == ZERO or second_turn):
        pointer = BANK[bb + B_POINTER1]
        BANK[bb + B_POINTER1] = pointer + ONE if pointer + ONE < second_masters else ZERO
        return nearest(of_second, pointer) + first_masters
    pointer = BANK[bb + B_POINTER]
    BANK[bb + B_POINTER] = pointer + ONE if pointer + ONE < first_masters else ZERO
    return nearest(of_first, pointer)


def refuse(HART, BANK, CONFLICT_PC, wheel, bb, requests, winner, n_harts, now):
    """The harts that lost a bank try again in the next cycle."""
    h = ZERO
    while h < n_harts:
        if (requests >> h) & ONE and h != winner:
            hb = h * H_ROW
            HART[hb + H_CLOCK] = now + ONE
            HART[hb + H_CONFLICTS] += ONE
            HART[hb + STALLS + S_TCDM_CONFLICT] += ONE
            BANK[bb + B_CONFLICTS] += ONE
            CONFLICT_PC[HART[hb + H_INDEX]] += ONE
            wheel[(now + ONE) & WHEEL_MASK] |= ONE << h
        h += ONE


def fill_wheel(wheel, HART, STREAM, n_harts, n_streams):
    """Fill the (empty) wheel with who acts in the cycles from the next on; returns that cycle."""
    now = NEVER
    h = ZERO
    while h < n_harts:
        now = min(now, HART[h * H_ROW + H_CLOCK])
        h += ONE
    i = ZERO
    while i < n_streams:
        now = min(now, STREAM[i * Q_ROW + Q_CLOCK])
        i += ONE
    h = ZERO
    while h < n_harts:
        t = HART[h * H_ROW + H_CLOCK]
        if t - now < WHEEL_MASK:
            wheel[t & WHEEL_MASK] |= ONE << h
        h += ONE
    i = ZERO
    while i < n_streams:
        t = STREAM[i * Q_ROW + Q_CLOCK]
        if t - now < WHEEL_MASK:
            wheel[t & WHEEL_MASK] |= ONE << (STREAM_BIT + i)
        i += ONE
    return now


def next_of_others(HART, STREAM, n_harts, n_streams, now):
    """The next cycle after `now` in which someone acts."""
    following = NEVER
    h = ZERO
    while h < n_harts:
        t = HART[h * H_ROW + H_CLOCK]
        if t > now:
            following = min(following, t)
        h += ONE
    i = ZERO
    while i < n_streams:
        t = STREAM[i * Q_ROW + Q_CLOCK]
        if t > now:
            following = min(following, t)
        i += ONE
    return following


def note_wait(HART, entry, after):
    """Remember that an instruction was held in ID: it would have been in EX in cycle `entry`, and was in `after`."""
    n = HART[H_NOTED]
    HART[H_NOTED] = n + ONE
    place = NOTES + (n & SEVEN) * TWO
    HART[place] = entry
    HART[place + ONE] = after


def hold(HART, entry, after):
    """Remember it of the instruction that comes next: what its fetch may hide."""
    HART[H_HOLD] = after
    HART[H_HOLD_ENTRY] = entry
    note_wait(HART, entry, after)


def entry_of(HART, after):
    """When the instruction that was in EX in cycle `after` would have been there without waiting."""
    k = NOTES
    while k < NOTES_END:
        if HART[k + ONE] == after:
            return HART[k]
        k += TWO
    return after


def after_of(HART, entry):
    """The inverse of `entry_of`."""
    after = entry
    k = NOTES
    while k < NOTES_END:
        if HART[k] == entry:
            after = max(after, HART[k + ONE])
        k += TWO
    return after


def words_fetched(HART, CODE, until):
    """How many words the fetch buffer holds at the beginning of cycle `until`.

    Since the last jump one word was requested in each cycle that began with at most two words stored (RI5CY
    riscv_prefetch_buffer.sv, riscv_fetch_fifo.sv); a word leaves with its last instruction, and a loop's last one only when it
    leaves IF.  A wait that is forgotten, of more than eight, does not matter: the buffer was full since."""
    ix = HART[H_START]
    cycle = HART[H_ARRIVAL]
    in_ex = HART[H_FIRST_EX]
    blocked = HART[H_FULL]
    arrived = ZERO
    underway = ONE
    gone = ZERO
    while True:
        while in_ex < cycle + TWO:
            following = ix + TWO - ((CODE[ix] >> COMPRESSED) & ONE)
            gone += (following >> ONE) - (ix >> ONE)
            ix = following
            in_ex = after_of(HART, in_ex) + ONE
        stored = arrived - gone
        if cycle <= HART[H_LEFT]:
            stored += ONE
        if int64(cycle) >= int64(until):
            return stored
        arrived += underway
        underway = ONE if stored <= TWO and blocked == ZERO else ZERO
        blocked = ZERO
        cycle += ONE


def needs_loaded(register, w):
    """Whether an instruction waits for what is loaded into a register: 1 when it reads or overwrites that; and 1 when it only does
    that through the ALU's port (as operations.load_use)."""
    op = w & M_OP
    if register == (w >> RS1) & M5 or register == (w >> RS2) & M5:
        return ONE, ZERO
    if op - ONE < BRANCH_END or (op >= FIRST_STORE and op - ONE < UNIT_END) or op == OP_CSR:
        if register == (w >> RS3) & M5 and op != OP_JALR:
            return ONE, ZERO
        if register == (w >> RD) & M6:
            return ONE, ONE
    return ZERO, ZERO


def loop_hazard(HART, CODE, ix, w, target, load, entered, late):
    """The hazard of a register jump (code.py) at a hardware loop's start, behind its last instruction; `late`: by more than a
    cycle."""
    register = (target >> RS1) & M5
    op = w & M_OP
    if register == ZERO or (load and op == OP_ELW):
        return ZERO
    if load and (w >> RD) & M6 == register:
        return ONE
    memory = op - ONE >= BRANCH_END and op - ONE < MEMORY_END
    writes = (w >> RD) & M6 == register and (op - ONE < JUMP_END or (op > MEMORY_END and op - ONE < UNIT_END) or op == OP_CSR)
    if writes or (memory and NOT_POST[op] == int64(0) and (w >> RS1) & M5 == register):
        return ZERO if late else ONE
    if ix < TWO:
        return ZERO
    before = CODE[ix - TWO]
    if before & M_OP == UNDECODED or (before >> COMPRESSED) & ONE:
        before = CODE[ix - ONE]
    op = before & M_OP
    if late or HART[H_REDIRECT] == entered or HART[H_LOOPED] == entered or (before >> RS3) & ONE:
        return ZERO
    return TWO if op - ONE >= BRANCH_END and op < FIRST_STORE and (before >> RD) & M6 == register else ZERO


def loop_at_end(HART, ix, issued):
    """The hardware loop that goes on behind the instruction at `ix`, in EX from `issued`: where its registers are; or 0."""
    pc = ((ix << ONE) + HART[H_BIAS]) & M32
    if issued >= HART[H_LP_VISIBLE] and issued != HART[H_LOOPED]:
        if pc == HART[H_LPEND0] and HART[H_LPCOUNT0] > ONE:
            return H_LPSTART0
        if pc == HART[H_LPEND1] and HART[H_LPCOUNT1] > ONE:
            return H_LPSTART1
    return ZERO


def start_of(HART, CODE, PAGE, lp):
    """A hardware loop's first instruction, and whether it lies in two words."""
    start = HART[lp]
    entry = PAGE[HART[H_VIEW] + (start >> PAGE_SHIFT)]
    first = CODE[((entry >> PLACE) + (start & M_PAGE)) >> ONE]
    return first, ((start >> ONE) & ONE) & ~(first >> COMPRESSED)


def behind(hart_address, global_address, w, ix, c):
    """The instruction in ID while the one at `ix` is in EX, in cycle `c`, if that does not jump; 0: there is none."""
    HART = array64(hart_address)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    if w & LOOP_END:
        lp = loop_at_end(HART, ix, c)
        if lp:
            first, split = start_of(HART, CODE, array64(GLOBAL[G_AT_PAGE]), lp)
            entered, seen, late, full, whole = fetch_start(HART, CODE, w, ix, c, split)
            return first if whole < c else ZERO
    return CODE[ix + TWO - ((w >> COMPRESSED) & ONE)]


def fetch_start(HART, CODE, w, ix, issued, split):
    """Behind a hardware loop's last instruction, in EX from `issued`, its first one is fetched, `split` in two words or not.

    Returns `entered`: EX of the last instruction had it not waited in ID; `seen`: it is whole in IF; `late`: it is recognized that
    much later, and IF still holds what it drops then, which is no miss; `full`: with so many words buffered then that the second one from the loop's start is requested a cycle later;
    `whole`: the first instruction is whole in IF."""
    entered = issued
    if HART[H_HOLD] == issued:
        entered = HART[H_HOLD_ENTRY]
    late = ZERO
    half = ix & ONE
    if HART[H_REDIRECT] == entered:
        seen = HART[H_ARRIVAL] + (half & ~(w >> COMPRESSED))
        late = half & (w >> COMPRESSED)
    elif HART[H_HOLD] == entered - ONE:
        seen = HART[H_HOLD_ENTRY] - ONE
    elif entered != issued or HART[H_FLUSHED] == entered:
        seen = entry_of(HART, entered - ONE) - ONE
    else:
        seen = entered - TWO
    full = ZERO
    if HART[H_SPLIT_LOOP] and entered > seen + TWO and words_fetched(HART, CODE, seen + ONE) >= THREE:
        full = ONE
    return entered, seen, late, full, seen + ONE + late + split + (full & split)


def misses(HART, first, end):
    """How many cycles there are from `first` on and before `end`, in which the fetch has nothing whole."""
    if end <= first:
        return ZERO
    if first == HART[H_PCER_WRITTEN]:
        HART[H_MISSED_THEN] = ONE
    return end - first


def missed_at_end(hart_address, global_address, w, ix, issued, redirected):
    """In which cycles, from one to before another, the fetch misses a hardware loop's start behind its last instruction when that
    goes somewhere else: a jump, a taken branch, a trap, which redirects the fetch in the cycle before `redirected`."""
    HART = array64(hart_address)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    PAGE = array64(GLOBAL[G_AT_PAGE])
    lp = loop_at_end(HART, ix, issued)
    if lp == ZERO:
        return ZERO, ZERO
    first, split = start_of(HART, CODE, PAGE, lp)
    entered, seen, late, full, whole = fetch_start(HART, CODE, w, ix, issued, split)
    return entered + late - ONE, min(whole, redirected - ONE)


def forget(CODE, BLOCKS, cold, phys):
    """Decoded code that depends on a word of memory is decoded again when it is next run."""
    place = (phys >> ONE) - BEHIND
    last = place + FORGET
    decoded = ZERO
    while place < last:
        decoded |= CODE[place] & M_OP
        CODE[place] = CODE[place] & LOOP_END
        place += ONE
    if decoded:
        drop_blocks(BLOCKS, cold, last)


def drop_blocks(BLOCKS, cold, last):
    """The compiled blocks that a change of code before `last` concerns are no longer valid."""
    place = last - BLOCK_REACH if last > BLOCK_REACH else ZERO
    while place < last:
        BLOCKS[place] = cold
        place += ONE


def record(TRACE, GLOBAL, cycle, hart, pc, ix, a, b, d, v, address, w, after, note):
    """One row of the trace."""
    row = GLOBAL[G_TRACED] * T_ROW
    TRACE[row] = cycle
    TRACE[row + ONE] = hart
    TRACE[row + TWO] = pc & M32
    TRACE[row + THREE] = ix
    TRACE[row + FOUR] = uint64(uint32(a)) | uint64(uint32(b)) << HALF
    TRACE[row + FIVE] = uint64(uint32(d)) | uint64(uint32(v)) << HALF
    TRACE[row + SIX] = address
    TRACE[row + SEVEN] = w
    TRACE[row + EIGHT] = after
    TRACE[row + NINE] = note
    GLOBAL[G_TRACED] += ONE


def fetch(ICACHE, HART, GLOBAL, h, first, last, fetched, now):
    """Lookup of an instruction's one or two cache lines; returns the cycles that the fetch waits.

    ICACHE: per hart private_lines tags, then the shared tags, then for each shared bank the cycle until which it is busy.
    A tag is 1 + the line's number.  A line that is not there replaces the one a pseudo-random counter points at."""
    waits = ZERO
    line = first if first != fetched else last
    while True:
        private = GLOBAL[G_PRIVATE_WAYS]
        base = h * GLOBAL[G_PRIVATE_LINES] + (line & GLOBAL[G_PRIVATE_MASK]) * private
        way = find_line(ICACHE, base, private, line)
        if way == NEVER or GLOBAL[G_CACHE_ON] == ZERO:
            HART[H_PRIVATE_MISSES] += ONE
            shared_base = GLOBAL[G_HARTS] * GLOBAL[G_PRIVATE_LINES]
            busy = shared_base + GLOBAL[G_SHARED_LINES] + (line & GLOBAL[G_SHARED_BANK_MASK])
            start = now + waits
            if ICACHE[busy] > start:
                start = ICACHE[busy]
            ready = start + GLOBAL[G_PRIVATE_REFILL]
            ways = GLOBAL[G_SHARED_WAYS]
            shared = shared_base + (line & GLOBAL[G_SHARED_MASK]) * ways
            if GLOBAL[G_CACHE_ON] == ZERO or find_line(ICACHE, shared, ways, line) == NEVER:
                HART[H_SHARED_MISSES] += ONE
                ready += GLOBAL[G_SHARED_REFILL]
                if GLOBAL[G_CACHE_ON]:
                    ICACHE[shared + victim(GLOBAL, ways)] = line + ONE
                ICACHE[busy] = ready
            else:
                ICACHE[busy] = start + ONE
            if GLOBAL[G_CACHE_ON]:
                ICACHE[base + victim(GLOBAL, private)] = line + ONE
            waits = ready - now
        if line == last:
            return waits
        line = last


def find_line(ICACHE, base, ways, line):
    """The way that holds a line, or NEVER."""
    way = ZERO
    while way < ways:
        if ICACHE[base + way] == line + ONE:
            return way
        way += ONE
    return NEVER


def victim(GLOBAL, ways):
    """The way to replace: an 8-bit linear-feedback shift register (x^8 + x^6 + x^5 + x^4 + 1)."""
    state = GLOBAL[G_LFSR]
    bit = (state ^ (state >> TWO) ^ (state >> THREE) ^ (state >> FOUR)) & ONE
    GLOBAL[G_LFSR] = (state >> ONE) | (bit << SEVEN)
    return GLOBAL[G_LFSR] & (ways - ONE)


def words_of(BEAT, row):
    """How many words a beat touches."""
    place = BEAT[row]
    return (((place & THREE) + (BEAT[row + ONE] & M32) + THREE) >> TWO)


def request_beats(STREAM, BEAT, BANK, touched, n_touched, bank_mask, n_streams, now):
    """Every stream whose clock has come requests the words of its beat that were not granted yet; a wide one asks later."""
    i = ZERO
    while i < n_streams:
        q = i * Q_ROW
        i += ONE
        if STREAM[q + Q_CLOCK] != now or STREAM[q + Q_WIDE]:
            continue
        row = STREAM[q + Q_HEAD] * BEAT_ROW
        words = words_of(BEAT, row)
        k = ZERO
        while k < words:
            if (STREAM[q + Q_GRANTED] >> k) & ONE == ZERO:
                bank = ((BEAT[row] >> TWO) + k) & bank_mask
                bb = bank * B_ROW
                if BANK[bb + B_REQUESTS] == ZERO:
                    touched[n_touched] = bank
                    n_touched += ONE
                BANK[bb + B_REQUESTS] |= ONE << (STREAM[q + Q_MASTER] + k)
                BANK[bb + B_MASTER] = STREAM[q + Q_MASTER] + k
            k += ONE
    return n_touched


def move_word(BEAT, MEM, row, k):
    """Move the k-th word of a beat between memory and the stream's buffer: its bytes that belong to the beat."""
    place = BEAT[row]
    low = (place & ~THREE) + k * FOUR
    high = low + FOUR
    end = place + (BEAT[row + ONE] & M32)
    if low < place:
        low = place
    if high > end:
        high = end
    buffer = BEAT[row + TWO] + (low - place)
    write = BEAT[row + ONE] >> HALF
    while low < high:
        source = buffer if write else low
        target = low if write else buffer
        byte = (uint64(MEM[source >> TWO]) >> ((source & THREE) << THREE)) & UXFF
        shift = (target & THREE) << THREE
        MEM[target >> TWO] = uint32((uint64(MEM[target >> TWO]) & ~(UXFF << shift)) | byte << shift)
        low += ONE
        buffer += ONE


def grant_beat(STREAM, BEAT, MEM, master, bank, bank_mask, n_streams):
    """A bank granted a stream's port."""
    i = ZERO
    while i < n_streams:
        q = i * Q_ROW
        i += ONE
        k = master - STREAM[q + Q_MASTER]
        if k < STREAM[q + Q_PORTS]:
            row = STREAM[q + Q_HEAD] * BEAT_ROW
            if STREAM[q + Q_HEAD] < STREAM[q + Q_TAIL] and ((BEAT[row] >> TWO) + k) & bank_mask == bank:
                STREAM[q + Q_GRANTED] |= ONE << k
                move_word(BEAT, MEM, row, k)
                return


def finish_beats(STREAM, BEAT, wheel, n_streams, now, horizon):
    """Streams whose beat is complete go on to the next; says whether one has come to its end."""
    ended = False
    i = ZERO
    while i < n_streams:
        q = i * Q_ROW
        i += ONE
        if STREAM[q + Q_CLOCK] != now:
            continue
        row = STREAM[q + Q_HEAD] * BEAT_ROW
        words = words_of(BEAT, row)
        missing = ZERO
        k = ZERO
        while k < words:
            refused = ONE ^ ((STREAM[q + Q_GRANTED] >> k) & ONE)
            STREAM[q + Q_PORT_CONFLICTS + k] += refused
            missing += refused
            k += ONE
        STREAM[q + Q_CLOCK] = now + ONE
        if missing:
            STREAM[q + Q_STALLS] += ONE
        else:
            STREAM[q + Q_GRANTED] = ZERO
            STREAM[q + Q_BEATS] += ONE
            STREAM[q + Q_HEAD] += ONE
            if STREAM[q + Q_HEAD] == STREAM[q + Q_TAIL]:
                STREAM[q + Q_CLOCK] = NEVER
                STREAM[q + Q_ENDED] = ONE
                ended = True
            else:
                STREAM[q + Q_CLOCK] += BEAT[row + BEAT_ROW + THREE]
        if STREAM[q + Q_CLOCK] < horizon:
            wheel[STREAM[q + Q_CLOCK] & WHEEL_MASK] |= ONE << (STREAM_BIT + i - ONE)
    return ended


def share_banks(GLOBAL, STREAM, BEAT, BANK, MEM, touched, n_touched, bank_mask, n_streams, now):
    """hci_arbiter: each bank belongs to the cores' interconnect or to the accelerator's wide port in this cycle."""
    limit = GLOBAL[G_MAX_STALL]
    inverted = GLOBAL[G_INVERT_PRIO]
    is_open = limit == ZERO or GLOBAL[G_STALLED] < limit
    wide = NEVER
    i = ZERO
    while i < n_streams:
        if STREAM[i * Q_ROW + Q_CLOCK] == now and STREAM[i * Q_ROW + Q_WIDE]:
            wide = i * Q_ROW
        i += ONE
    if n_touched and wide != NEVER and is_open:
        GLOBAL[G_STALLED] = (GLOBAL[G_STALLED] + ONE) & UXFF
    else:
        GLOBAL[G_STALLED] = ZERO
    i = ZERO
    while i < n_touched:
        BANK[touched[i] * B_ROW + B_SHUT] = ZERO if is_open or inverted else ONE
        i += ONE
    if wide == NEVER:
        return
    row = STREAM[wide + Q_HEAD] * BEAT_ROW
    words = words_of(BEAT, row)
    granted = True
    k = ZERO
    while k < words:
        bb = (((BEAT[row] >> TWO) + k) & bank_mask) * B_ROW
        to_cores = not is_open if inverted else is_open and BANK[bb + B_REQUESTS] != ZERO
        if to_cores:
            granted = False
        else:
            BANK[bb + B_SHUT] = ONE
            BANK[bb + B_ACCESSES] += ONE
            move_word(BEAT, MEM, row, k)
        k += ONE
    if granted:
        STREAM[wide + Q_GRANTED] = (ONE << words) - ONE


def grant_shared(BANK, bb, requests):
    """The cores' arbiter behind hci_arbiter: a withheld grant freezes the set of requests until the next grant."""
    if BANK[bb + B_FROZEN]:
        requests = BANK[bb + B_FROZEN]
    if BANK[bb + B_SHUT]:
        BANK[bb + B_SHUT] = ZERO
        BANK[bb + B_FROZEN] = requests
        return NEVER
    pointer = BANK[bb + B_POINTER]
    above = requests & ~((TWO << pointer) - ONE)
    BANK[bb + B_POINTER] = nearest(above if above else requests, ZERO)
    BANK[bb + B_FROZEN] = ZERO
    return nearest(requests, pointer)


def offset_of(REG, w, op):
    """What a load or store adds to rs1: an immediate, rs2 or rs3."""
    offset = int64(int32(w >> IMM)) & BY_IMM[op]
    offset += int64(REG[(w >> RS2) & M5]) & BY_RS2[op]
    return offset + (int64(REG[(w >> RS3) & M5]) & BY_RS3[op])


def reads_hart_id(MEM, ix):
    """Whether the CSR instruction at `ix` names mhartid or uhartid, which are read often and which nothing changes."""
    word = uint64(MEM[ix >> ONE])
    if ix & ONE:
        word = word >> U16 | uint64(MEM[(ix >> ONE) + ONE]) << U16
    csr = (word >> U20) & U4095
    return csr == MHARTID or csr == UHARTID


def unit_cycles(kind, divisor):
    """How many cycles longer than one an instruction is in EX: 1, mulh; 2, a signed division; 3, an unsigned one; 0, another."""
    if kind == ONE:
        return FOUR
    if kind == TWO and int32(divisor) < 0:
        return uint64(1 + clz(~divisor))
    return uint64(2 + clz(divisor)) if kind else ZERO


def await_answer(hart_address, global_address, h, w, ix, c, until):
    """What would happen in cycle `c` waits for a late answer, until a certain cycle if that is later; returns when it happens.

    An instruction leaves ID, and EX if it is no branch, from the cycle of the answer on; it comes to an empty ID in such a cycle,
    or in that of the grant (riscv_ex_stage.sv, ex_ready_o)."""
    HART = array64(hart_address)
    if until <= c:
        return c
    GLOBAL = array64(global_address)  # [trace]
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    cause = HART[H_CAUSE] & M5
    HART[STALLS + cause] += until - c
    record(TRACE, GLOBAL, c, h | U256, ZERO, ix, ZERO, ZERO, ZERO, ZERO, ZERO, w, c, (cause << NOTE_COUNT) | (until - c))  # [trace]
    return until


def burst(hart_address, global_address, h, ix, c, origin, end, op_bits, fetched):
    """Execute instructions that only the ALU is busy with, before cycle `end`; returns how many, and where the next one is.

    `op_bits` takes the operation from a word; with LOOP_END in it, an instruction that may end a hardware loop is left out.  What
    they overwrite is kept in UNDO, one entry for a cycle from `origin` on."""
    HART = array64(hart_address)
    REG = array32(hart_address + REGISTERS)
    UNDO = array32(hart_address + UNDO_ROWS)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    first = c
    while c < end:
        w = CODE[ix]
        if (ix + ONE - ((w >> COMPRESSED) & ONE)) >> LINE_SHIFT != fetched:  # [icache]
            break  # [icache]
        op = w & op_bits
        a = int64(REG[(w >> RS1) & M5])
        b = int64(REG[(w >> RS2) & M5])
        d = int64(REG[(w >> RS3) & M5])
        imm = int64(int32(w >> IMM))
        v = int64(0)
        DISPATCH_ALU_OR_BREAK
        rd = (w >> RD) & M6
        UNDO[(c - origin) & UNDO_MASK] = REG[rd]
        REG[rd] = uint32(v)
        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, d, v, ZERO, w, c + ONE, ZERO)  # [trace]
        ix += TWO - ((w >> COMPRESSED) & ONE)
        c += ONE
    return ((c - first) << BURST_COUNT) | ix


def loaded_late(HART, w, c, entered):
    """A register jump, in EX in `c`, for the load before the one before it: when it is in EX, in `entered` or behind a late answer.
    That is the last but one if the instruction between them loads late, too."""
    answer = HART[H_ANSWER]
    if answer >= c and HART[H_AWAITED] != (w >> RS1) & M5:
        answer = HART[H_ANSWER_BEFORE]
    return max(entered, answer + TWO)


def land_late(hart_address, global_address, h, w, ix, wt, issued, after):
    """A taken branch or a jump, in EX in `issued` while an answer is awaited: when its target, else in EX in `after`, is there."""
    HART = array64(hart_address)
    answer = HART[H_ANSWER]
    if (w & M_OP) - ONE >= JUMP_END:
        needs, overwrites = needs_loaded(HART[H_AWAITED], behind(hart_address, global_address, w, ix, issued))
        HART[H_UNSEEN] -= needs ^ overwrites
    if after > issued + ONE:
        # ID is empty meanwhile; a jump that waited in ID has its target behind it.
        after = await_answer(hart_address, global_address, h, w, ix, after, answer + TWO)
        HART[H_REDIRECT] = after
        HART[H_FIRST_EX] = after
    elif answer >= after:
        needs, overwrites = needs_loaded(HART[H_AWAITED], wt)
        HART[H_UNSEEN] -= needs
        hold(HART, after, answer + ONE)
        after = await_answer(hart_address, global_address, h, w, ix, after, answer + ONE)
    return after


def redirect(HART, next_ix, arrival, after):
    """The fetch goes on elsewhere: the first word from there is in IF in a cycle, and the instruction in EX in another."""
    HART[H_REDIRECT] = after
    HART[H_START] = next_ix
    HART[H_ARRIVAL] = arrival
    HART[H_FIRST_EX] = after
    HART[H_FULL] = ZERO
    HART[H_LEFT] = ZERO


def jump(hart_address, global_address, h, w, ix, next_ix, pc, c):
    """A taken branch or a jump in cycle `c`, to `pc`, whose decoded code is at `next_ix`; returns when its target is in EX."""
    HART = array64(hart_address)
    REG = array32(hart_address + REGISTERS)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    op = w & M_OP
    a = int64(REG[(w >> RS1) & M5])  # [trace]
    b = int64(REG[(w >> RS2) & M5])  # [trace]
    issued = c
    entered = c + ONE
    split = ((pc >> ONE) & ONE) & ~(CODE[next_ix] >> COMPRESSED)
    HART[H_MISSES] += split
    note = ZERO  # [trace]
    if op - ONE >= JUMP_END:
        HART[H_BRANCHES] += ONE
        HART[H_TAKEN] += ONE
        HART[H_LAST_TAKEN] = c
        HART[STALLS + S_BRANCH] += BRANCH_STALL
        note = (note << NOTE) | (S_BRANCH << NOTE_COUNT) | BRANCH_STALL  # [trace]
        after = c + ONE + BRANCH_STALL
        v = int64(0)
    else:
        HART[H_JUMPS] += ONE
        entered = c
        if HART[H_HOLD] == c:
            entered = HART[H_HOLD_ENTRY]
        before = entered
        if op == OP_JALR and HART[H_REDIRECT] != before:
            # rs1 comes from the instruction before, or is loaded by the one before that.
            hazard = (w >> RS3) & THREE
            if HART[H_LOOPED] == c:
                hazard = HART[H_LOOP_HAZARD]
            before -= ONE
            if hazard & ONE:
                entered = c + ONE
                HART[H_JUMP_HAZARDS] += ONE
            elif hazard and HART[H_REDIRECT] != before and HART[H_LOOPED] != before:
                entered += ONE
                HART[H_JUMP_HAZARDS] += ONE
                if HART[H_ANSWER] + TWO > entered:  # [late]
                    entered = loaded_late(HART, w, c, entered)  # [late]
            if entered > c:
                HART[STALLS + S_JUMP_REGISTER] += entered - c
                note = (note << NOTE) | (S_JUMP_REGISTER << NOTE_COUNT) | (entered - c)  # [trace]
                c = entered
        waited = c - entered
        after = c + ONE
        if waited == ZERO:
            HART[STALLS + S_JUMP] += ONE
            note = (note << NOTE) | (S_JUMP << NOTE_COUNT) | ONE  # [trace]
            after += ONE
        if op == OP_JALR and w & SELF_JUMP and waited <= split:
            # In the bubble ID still holds the jump, whose rs1 is its own rd: it stalls for itself.
            HART[H_SELF_JUMPS] += ONE
            if waited == split:
                HART[STALLS + S_JUMP_REGISTER] += ONE
                note = (note << NOTE) | (S_JUMP_REGISTER << NOTE_COUNT) | ONE  # [trace]
                after += ONE
        if waited > ONE:
            split = ZERO
        v = int64((ix << ONE) + HART[H_BIAS] + FOUR - ((w >> COMPRESSED) & ONE) * TWO)
        REG[(w >> RD) & M6] = uint32(v)
    if w & LOOP_END:
        first, end = missed_at_end(hart_address, global_address, w, ix, issued, entered)
        HART[H_MISSES] += misses(HART, first, end)
        if op - ONE >= JUMP_END and behind(hart_address, global_address, w, ix, issued) & M_OP == OP_ELW:
            HART[H_EVENT_CYCLES] += ONE + split
    if split:
        HART[STALLS + S_FETCH] += ONE
        note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | ONE  # [trace]
        after += ONE
    record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, ZERO, v, ONE, w, after, note)  # [trace]
    redirect(HART, next_ix, entered, after)
    return after


def complete_rare(hart_address, global_address, h, w, ix, phys, page, parts, c):
    """An access of an uncommon kind is served in cycle `c`: misaligned, test and set, late memory, or answered by a device.

    Returns when the next instruction is in EX; 0: the second of two words is still to be requested, a cycle later."""
    HART = array64(hart_address)
    REG = array32(hart_address + REGISTERS)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    MEM = array32(GLOBAL[G_AT_MEM])
    CODE_PAGE = array8(GLOBAL[G_AT_CODE_PAGE])
    BLOCKS = array64(GLOBAL[G_AT_BLOCKS])
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    op = w & M_OP
    load = op < FIRST_STORE
    note = ZERO  # [trace]
    d = int64(REG[(w >> RS3) & M5])  # [trace]
    shift = (HART[H_VADDR] & THREE) << THREE
    HART[H_LAST_ACCESS] = c + c + uint64(load)
    place = phys >> TWO
    a = int64(REG[(w >> RS1) & M5])
    b = int64(REG[(w >> RS2) & M5])
    extra = ZERO
    v = b
    if load:
        value = HART[H_VALUE]
        if page != PG_DEVICE:
            word = uint64(MEM[place])
            if page == PG_TAS:
                MEM[place] = uint32(word | ONES[op] << shift)
            if parts == ONE:
                value = word >> shift
            elif parts == ZERO:
                value = (value | word << HALF) >> shift
            elif page < PG_SLOW and page > PG_RAM:
                HART[H_VALUE] = word
            else:
                value = (word | uint64(MEM[HART[H_PADDR2] >> TWO]) << HALF) >> shift
        value = value << UNUSED_BITS[op]
        v = int64(value) >> int64(UNUSED_BITS[op]) if SIGNED[op] else int64(value >> UNUSED_BITS[op])
    elif page != PG_DEVICE:
        value = uint64(b) << shift
        ones = ONES[op] << shift
        if parts == ZERO:
            value = value >> HALF
            ones = ones >> HALF
        MEM[place] = uint32((uint64(MEM[place]) & ~ones) | (value & ones))
        if CODE_PAGE[phys >> PAGE_SHIFT]:
            forget(CODE, BLOCKS, GLOBAL[G_COLD], phys)
        if parts == TWO and (page == PG_RAM or page == PG_SLOW):
            phys = HART[H_PADDR2]
            ones = ones >> HALF
            MEM[phys >> TWO] = uint32((uint64(MEM[phys >> TWO]) & ~ones) | ((value >> HALF) & ones))
            if CODE_PAGE[phys >> PAGE_SHIFT]:
                forget(CODE, BLOCKS, GLOBAL[G_COLD], phys)
    if parts != ONE:
        if parts == TWO:
            HART[H_HALF_GRANT] = c
            if page == PG_SLOW:
                HART[H_HALF_GRANT] += GLOBAL[G_SLOW_LATENCY]
                extra = GLOBAL[G_SLOW_LATENCY] + GLOBAL[G_SLOW_RESPONSE]
            HART[STALLS + S_MISALIGNED] += ONE
            c += ONE
            record(TRACE, GLOBAL, c, h | U256, ZERO, ix, ZERO, ZERO, ZERO, ZERO, ZERO, w, c, (S_MISALIGNED << NOTE_COUNT) | ONE)  # [trace]
        if parts == TWO and page != PG_RAM and page != PG_SLOW:
            # The second word is requested one cycle after the first was granted.
            phys = HART[H_PADDR2]
            HART[H_PADDR] = phys | UNCOMMON
            HART[H_PARTS] = ZERO
            HART[H_REQUEST] = w
            return ZERO
        if load:
            HART[H_LOADS] += ONE
            if w & LOOP_END == ZERO:
                HART[H_UNSEEN] += (w >> RS3) & (w >> RS3 + ONE) & ONE
        else:
            HART[H_STORES] += ONE
    if load:
        HART[H_LOADS] += ONE
    else:
        HART[H_STORES] += ONE
    REG[POST_SINK[op | ((w >> RS1) & M5) << U9]] = uint32(int64(REG[(w >> RS1) & M5]) + offset_of(REG, w, op))
    if load:
        REG[(w >> RD) & M6] = uint32(v)
    hazard = (w >> RS3) & uint64(load and w & LOOP_END == ZERO)
    if page >= PG_SLOW:
        response = GLOBAL[G_SLOW_RESPONSE]
        cause = S_L2
        if page == PG_DEVICE:
            response = HART[H_RESPONSE]
            cause = HART[H_CAUSE] & M5
        else:
            extra += GLOBAL[G_SLOW_LATENCY]
        if hazard and op != OP_ELW:
            extra += response
        elif response:
            # The next instruction is in EX meanwhile.
            HART[H_ANSWER_BEFORE] = HART[H_ANSWER]
            HART[H_ANSWER] = c + ONE + extra + response
            HART[H_AWAITED] = (w >> RD) & M6 if load else NEVER
            HART[H_CAUSE] = cause
            HART[H_HELD_FROM] = NEVER
        HART[STALLS + cause] += extra
        note = (note << NOTE) | (cause << NOTE_COUNT) | extra  # [trace]
    if op == OP_ELW:
        extra += ELW_STALL
        HART[STALLS + S_EVENT_LOAD] += ELW_STALL
        note = (note << NOTE) | (S_EVENT_LOAD << NOTE_COUNT) | ELW_STALL  # [trace]
    after = c + ONE + extra + hazard
    HART[STALLS + S_LOAD_USE] += hazard
    if hazard:  # [trace]
        note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | ONE  # [trace]
    record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, d, v, HART[H_VADDR], w, after, note)  # [trace]
    if op == OP_ELW:
        # It goes on when ID is free for it; stalled for itself, ID is not before the answer.
        stalls = (w >> RS3) & ONE
        after = await_answer(hart_address, global_address, h, w, ix, after, HART[H_ANSWER] + TWO + stalls + hazard)
    return after


def stay(hart_address, global_address, h, w, ix, issued, after):
    """An instruction in EX in `issued` while an answer is awaited: when its successor, else in EX in `after`, is there.  A branch
    leaves EX meanwhile; accesses have seen to it before."""
    HART = array64(hart_address)
    op = w & M_OP
    if op - BRANCH_END - ONE < MEMORY_END - BRANCH_END:
        return after
    needs, overwrites = needs_loaded(HART[H_AWAITED], behind(hart_address, global_address, w, ix, issued))
    HART[H_UNSEEN] -= needs
    if op - ALU_END - ONE < BRANCH_END - ALU_END and needs == ZERO:
        return after
    return await_answer(hart_address, global_address, h, w, ix, after, HART[H_ANSWER] + ONE)


def end_of_body(hart_address, global_address, h, w, ix, issued, after, load, parts, hides):
    """Behind the last instruction of a hardware loop's body, whose successor would be in EX in `after`: does the loop go on?

    Returns where the code goes on, when it is in EX, and whether the instruction's wait still hides a fetch.  PENDING is P_RUN, or
    P_FETCH when the loop begins where no code is."""
    HART = array64(hart_address)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    PAGE = array64(GLOBAL[G_AT_PAGE])
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    op = w & M_OP
    view = HART[H_VIEW]
    next_ix = ix + TWO - ((w >> COMPRESSED) & ONE)
    HART[H_PENDING] = P_RUN
    note = TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + NINE]  # [trace]
    prompt = after
    comes_late = False
    hazard = ZERO
    unseen = ZERO
    if load:
        hazard = (w >> RS3) & ONE
        if parts != ONE:
            unseen = hazard & (w >> RS3 + ONE)
    lp = loop_at_end(HART, ix, issued)
    if lp:
        HART[lp + TWO] -= ONE
        spc = HART[lp]
        entry = PAGE[view + (spc >> PAGE_SHIFT)]
        next_ix = ((entry >> PLACE) + (spc & M_PAGE)) >> ONE
        if (entry & M_KIND) - ONE >= PG_DEVICE - ONE:
            HART[H_VADDR] = spc
            HART[H_PENDING] = P_FETCH
            next_ix = ix
        else:
            HART[H_BIAS] = spc - (next_ix << ONE)
        wt = CODE[next_ix]
        rd = (w >> RD) & M6
        own = load and (rd == ((w >> RS1) & M5) or rd == ((w >> RS2) & M5))
        if load and op != OP_ELW:
            hazard, overwrites = needs_loaded(rd, wt)
            unseen = overwrites & uint64(parts != ONE)
        split = ((spc >> ONE) & ONE) & ~(wt >> COMPRESSED)
        # What the last instructions waited hides the fetch.
        entered, seen, late, full, whole = fetch_start(HART, CODE, w, ix, issued, split)
        first = issued + ONE
        if not hides and after > issued + ONE:
            first = after  # it emptied the pipeline
        elif whole >= issued:
            # In the bubble ID still holds the last instruction: a load of its own base stalls for itself.
            hazard = uint64(own and whole < after)
            unseen = hazard - uint64(own)
            hides = False
            comes_late = whole >= after
            first = (whole if whole > after - ONE else after - ONE) + TWO
            HART[STALLS + S_FETCH] += first - after
            note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | (first - after)  # [trace]
            after = first
        HART[H_MISSES] += misses(HART, entered + late - ONE, whole)
        if wt & M_OP == OP_JALR:
            HART[H_LOOP_HAZARD] = loop_hazard(HART, CODE, ix, w, wt, load, entered, first > issued + ONE)
        HART[H_START] = next_ix
        HART[H_ARRIVAL] = seen + ONE + late
        HART[H_FIRST_EX] = first
        HART[H_FULL] = full
        HART[H_LEFT] = entered - TWO if entered > seen + TWO else ZERO
    HART[STALLS + S_LOAD_USE] += hazard
    HART[H_UNSEEN] += unseen
    after += hazard
    if hazard:  # [trace]
        note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | hazard  # [trace]
    TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + EIGHT] = after  # [trace]
    TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + NINE] = note  # [trace]
    if comes_late:
        after = await_answer(hart_address, global_address, h, w, ix, after, HART[H_ANSWER] + TWO)
        HART[H_FIRST_EX] = after - hazard
    elif after > prompt and HART[H_ANSWER] >= after:
        if not hides:
            hold(HART, after, HART[H_ANSWER] + ONE)
        after = await_answer(hart_address, global_address, h, w, ix, after, HART[H_ANSWER] + ONE)
    if lp:
        HART[H_LOOPED] = after
    return next_ix, after, hides


def turn(hart_address, global_address, h, now, limit, alone, ahead):
    """A hart acts in cycle `now`: it completes what it waits for and executes what comes next, until it must wait.

    Before `limit` nobody else acts, before `alone` nobody else requests a bank; from `limit` on and before `ahead` it only does
    what nobody else can notice.  Returns NEVER, or the pc whose code must be decoded first."""
    HART = array64(hart_address)
    REG = array32(hart_address + REGISTERS)
    GLOBAL = array64(global_address)
    CODE = array64(GLOBAL[G_AT_CODE])
    PAGE = array64(GLOBAL[G_AT_PAGE])
    MEM = array32(GLOBAL[G_AT_MEM])
    CODE_PAGE = array8(GLOBAL[G_AT_CODE_PAGE])
    BLOCKS = array64(GLOBAL[G_AT_BLOCKS])
    BANK = array64(GLOBAL[G_AT_BANK])
    TRACE = array64(GLOBAL[G_AT_TRACE])  # [trace]
    ICACHE = array64(GLOBAL[G_AT_ICACHE])  # [icache]
    bank_mask = GLOBAL[G_BANK_MASK]
    watch = GLOBAL[G_WATCH]
    always_arbitrate = GLOBAL[G_INTERCONNECT] != LIC
    private_ways = GLOBAL[G_PRIVATE_WAYS]  # [icache]
    private_mask = GLOBAL[G_PRIVATE_MASK]  # [icache]
    private_base = h * GLOBAL[G_PRIVATE_LINES]  # [icache]
    fetched = ZERO
    fetched = HART[H_LINE]  # [icache]
    view = HART[H_VIEW]
    c = now
    pending = HART[H_PENDING]
    ix = HART[H_INDEX]
    retired = ZERO
    wanted = NEVER
    burst_start = ix
    burst_count = ZERO
    burst_end = NEVER
    while True:
        # One instruction.  It is in EX from `issued`; its successor, unhindered, in `after`.
        hides = True
        flushes = False
        if pending == P_RUN:
            w = CODE[ix]  # [icache]
            line = (ix + ONE - ((w >> COMPRESSED) & ONE)) >> LINE_SHIFT  # [icache]
            if line != fetched:  # [icache]
                waits = ZERO  # [icache]
                here = private_base + (line & private_mask) * private_ways  # [icache]
                if ix >> LINE_SHIFT != line or find_line(ICACHE, here, private_ways, line) == NEVER:  # [icache]
                    if c >= limit:  # [icache]
                        break  # [icache]
                    waits = fetch(ICACHE, HART, GLOBAL, h, ix >> LINE_SHIFT, line, fetched, c)  # [icache]
                fetched = line  # [icache]
                if waits:  # [icache]
                    HART[STALLS + S_FETCH] += waits  # [icache]
                    HART[H_MISSES] += waits  # [icache]
                    record(TRACE, GLOBAL, c, h | U256, ZERO, ix, ZERO, ZERO, ZERO, ZERO, ZERO, w, c, (S_FETCH << NOTE_COUNT) | waits)  # [icache+trace]
                    c += waits  # [icache]
                    continue  # [icache]
            bursts = (CODE[ix] & (M_OP | LOOP_END)) - ONE < ALU_END
            bursts = bursts and HART[H_ANSWER] <= c  # [late]
            if bursts:
                if c != burst_end:
                    burst_start = ix
                    burst_count = ZERO
                done = burst(hart_address, global_address, h, ix, c, c - burst_count, ahead, M_OP | LOOP_END, fetched)
                executed = done >> BURST_COUNT
                if executed:
                    burst_count += executed
                    retired += executed | (ix + executed + executed - (done & BURST_INDEX)) << HALF
                    ix = done & BURST_INDEX
                    c += executed
                    burst_end = c
            w = CODE[ix]
            op = w & M_OP
            if (ix + ONE - ((w >> COMPRESSED) & ONE)) >> LINE_SHIFT != fetched:  # [icache]
                continue  # [icache]
            if c >= limit and (c >= ahead or op - ONE < BRANCH_END or op - ONE >= MEMORY_END):
                break
            if op - ONE < ALU_END:
                # The last instruction of a hardware loop's body, or one that may have to stay in EX.
                if c >= limit:
                    break
                done = burst(hart_address, global_address, h, ix, c, c, c + ONE, M_OP, fetched)
                issued = c
                after = c + ONE
                load = False
            elif op - ONE < BRANCH_END:
                a = int64(REG[(w >> RS1) & M5])
                b = int64(REG[(w >> RS2) & M5])
                imm = int64(int32(w >> IMM))
                taken = True
                target = int64(0)
                DISPATCH_BRANCH
                if op - ONE >= JUMP_END:
                    HART[H_LAST_BRANCH] = c
                    if taken:
                        target = int64((ix << ONE) + HART[H_BIAS]) + target
                if taken:
                    pc = uint64(uint32(target))
                    entry = PAGE[view + (pc >> PAGE_SHIFT)]
                    if (entry & M_KIND) - ONE >= PG_DEVICE - ONE:
                        # A fault, in its own time: the jump itself does not retire.
                        HART[H_VADDR] = pc
                        pending = P_FETCH
                        break
                    next_ix = ((entry >> PLACE) + (pc & M_PAGE)) >> ONE
                    wt = CODE[next_ix]
                    if wt & M_OP == UNDECODED:
                        wanted = pc
                        break
                    after = jump(hart_address, global_address, h, w, ix, next_ix, pc, c)
                    if HART[H_ANSWER] > c:  # [late]
                        after = land_late(hart_address, global_address, h, w, ix, wt, c, after)  # [late]
                    retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                    HART[H_BIAS] = pc - (next_ix << ONE)
                    ix = next_ix
                    c = after
                    continue
                HART[H_BRANCHES] += ONE
                record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, ZERO, ZERO, ZERO, w, c + ONE, ZERO)  # [trace]
                leaves = w & LOOP_END == ZERO
                leaves = leaves and HART[H_ANSWER] <= c  # [late]
                if leaves:
                    ix += TWO - ((w >> COMPRESSED) & ONE)
                    c += ONE
                    retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                    continue
                issued = c
                after = c + ONE
                load = False
            elif op - ONE < MEMORY_END:
                issued = c
                if HART[H_ANSWER] > c:  # [late]
                    if op >= FIRST_STORE:  # [late]
                        needs, overwrites = needs_loaded(HART[H_AWAITED], behind(hart_address, global_address, w, ix, c))  # [late]
                        HART[H_UNSEEN] -= needs  # [late]
                    HART[H_HELD_FROM] = c  # [late]
                    c = await_answer(hart_address, global_address, h, w, ix, c, HART[H_ANSWER])  # [late]
                    continue  # [late]
                if HART[H_ANSWER] == c:  # [late]
                    issued = min(c, HART[H_HELD_FROM])  # [late]
                va = uint64(uint32(int64(REG[(w >> RS1) & M5]) + (offset_of(REG, w, op) & NOT_POST[op])))
                entry = PAGE[view + (va >> PAGE_SHIFT)]
                page = entry & M_KIND
                phys = (entry >> PLACE) + (va & M_PAGE)
                parts = ONE
                HART[H_VADDR] = va  # [trace]
                if page - ONE < TWO and (va & THREE) + SIZE[op] <= FOUR and (op < FIRST_STORE or phys & M_WORD != watch):
                    # The common access: within one word of a bank, or of memory that grants at once.
                    if page == PG_TCDM:
                        bank = (phys >> TWO) & bank_mask
                        bb = bank * B_ROW
                        if c >= alone or always_arbitrate:
                            HART[H_REQUEST] = w
                            HART[H_ISSUED] = issued
                            HART[H_PADDR] = phys
                            pending = P_BANK
                            break
                        # Nobody else can request in this cycle.
                        BANK[bb + B_ACCESSES] += ONE
                        BANK[bb + B_POINTER] = h
                    elif c >= limit:
                        break
                else:
                    if c >= limit:
                        break
                    if (va & THREE) + SIZE[op] > FOUR:
                        vb = ((va & M_WORD) + FOUR) & M32
                        entry = PAGE[view + (vb >> PAGE_SHIFT)]
                        parts = TWO
                        HART[H_PADDR2] = (entry >> PLACE) + (vb & M_PAGE)
                        if entry & M_KIND != page:
                            page = PG_DEVICE
                    if phys & M_WORD == watch and op >= FIRST_STORE:
                        page = PG_DEVICE
                    HART[H_WORD] = w
                    HART[H_ISSUED] = issued
                    HART[H_VADDR] = va
                    HART[H_PARTS] = parts
                    HART[H_PAGE] = page
                    if page == PG_UNMAPPED or page >= PG_DEVICE:
                        pending = P_ACCESS
                        break
                    if page != PG_SLOW and page != PG_RAM:
                        HART[H_PADDR] = phys | UNCOMMON
                        bank = (phys >> TWO) & bank_mask
                        bb = bank * B_ROW
                        if c >= alone or always_arbitrate:
                            HART[H_REQUEST] = w
                            pending = P_BANK
                            break
                        BANK[bb + B_ACCESSES] += ONE
                        BANK[bb + B_POINTER] = h
                load = op < FIRST_STORE
                after = ZERO
            elif op - ONE < UNIT_END:
                # Multiplier and divider steps.
                a = int64(REG[(w >> RS1) & M5])
                b = int64(REG[(w >> RS2) & M5])
                v = int64(0)
                extra = ZERO
                cause = ZERO
                DISPATCH_UNIT
                REG[(w >> RD) & M6] = uint32(v)
                HART[STALLS + cause] += extra
                issued = c
                after = c + ONE + extra
                load = False
                record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, ZERO, v, ZERO, w, after, (cause << NOTE_COUNT) | extra)  # [trace]
            elif op - ONE < LOOP_SET_END:
                a = int64(REG[(w >> RS1) & M5])
                imm = int64(int32(w >> IMM))
                start = int64(0)
                finish = int64(0)
                count = int64(0)
                sets = ZERO
                DISPATCH_LOOP
                lb = H_LPSTART0 + ((w >> RD) & ONE) * THREE
                if sets & ONE:
                    pc = uint64(uint32(start))
                    entry = PAGE[view + (pc >> PAGE_SHIFT)]
                    if (entry & M_KIND) - ONE < PG_DEVICE - ONE:
                        if CODE[((entry >> PLACE) + (pc & M_PAGE)) >> ONE] & M_OP == UNDECODED:
                            wanted = pc
                            break
                    HART[lb] = pc
                    HART[H_SPLIT_LOOP] |= pc & TWO
                if sets & TWO:
                    pc = uint64(uint32(finish))
                    entry = PAGE[view + (pc >> PAGE_SHIFT)]
                    if (entry & M_KIND) - ONE < PG_DEVICE - ONE:
                        place = ((entry >> PLACE) + (pc & M_PAGE)) >> ONE
                        if CODE[place] & LOOP_END == ZERO:
                            CODE[place] |= LOOP_END
                            drop_blocks(BLOCKS, GLOBAL[G_COLD], place + ONE)
                    HART[lb + ONE] = pc
                if sets & FOUR:
                    HART[lb + TWO] = uint64(uint32(count))
                HART[H_LP_VISIBLE] = c + TWO
                issued = c
                after = c + ONE
                load = False
                record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, ZERO, ZERO, ZERO, ZERO, w, after, ZERO)  # [trace]
            elif op == UNDECODED:
                wanted = ((ix << ONE) + HART[H_BIAS]) & M32
                break
            elif op == OP_CSR and reads_hart_id(MEM, ix):
                a = int64(REG[(w >> RS1) & M5])  # [trace]
                v = int64(HART[H_ID])
                REG[(w >> RD) & M6] = uint32(v)
                issued = c
                after = c + ONE
                load = False
                record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, ZERO, ZERO, v, ZERO, w, after, ZERO)  # [trace]
            else:
                HART[H_ISSUED] = c
                if op == OP_CSR:  # [late]
                    c = await_answer(hart_address, global_address, h, w, ix, c, HART[H_ANSWER])  # [late]
                if w & LOOP_END:
                    first, end = missed_at_end(hart_address, global_address, w, ix, HART[H_ISSUED], NEVER)
                    if op == OP_CSR:
                        HART[H_MISSED] = misses(HART, first, end)
                    else:
                        HART[H_MISSES] += misses(HART, first, end)
                HART[H_WORD] = w
                pending = P_SYSTEM
                break
        elif pending == P_RESULT:
            pending = P_RUN
            HART[H_MISSED] = ZERO
            w = HART[H_WORD]
            op = w & M_OP
            v = int64(HART[H_VALUE])
            a = int64(REG[(w >> RS1) & M5])  # [trace]
            REG[(w >> RD) & M6] = uint32(v)
            extra = HART[H_EXTRA]
            HART[STALLS + (HART[H_CAUSE] & M5)] += extra
            issued = HART[H_ISSUED]
            after = c + ONE + extra
            load = False
            flushes = extra != ZERO
            hides = extra == ZERO
            record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, ZERO, ZERO, v, ZERO, w, after, (HART[H_CAUSE] << NOTE_COUNT) | extra)  # [trace]
        else:
            # A bank grants the access in this cycle, or a device has answered it in the cycle before.
            w = HART[H_WORD] if pending == P_ANSWERED else HART[H_REQUEST]
            HART[H_WORD] = w
            op = w & M_OP
            issued = HART[H_ISSUED]
            phys = HART[H_PADDR]
            parts = ONE
            page = PG_TCDM
            if pending == P_ANSWERED:
                page = PG_DEVICE
                c -= ONE
            elif phys & UNCOMMON:
                phys ^= UNCOMMON
                parts = HART[H_PARTS]
                page = HART[H_PAGE]
            pending = P_RUN
            load = op < FIRST_STORE
            after = ZERO
        note = ZERO  # [trace]
        a = int64(REG[(w >> RS1) & M5])  # [trace]
        b = int64(REG[(w >> RS2) & M5])  # [trace]
        d = int64(REG[(w >> RS3) & M5])  # [trace]
        if after == ZERO and parts == ONE and page <= PG_TCDM:
            # The common access: within one word that answers in the next cycle.
            shift = (phys & THREE) << THREE
            place = phys >> TWO
            if load:
                value = (uint64(MEM[place]) >> shift) << UNUSED_BITS[op]
                v = int64(value) >> int64(UNUSED_BITS[op]) if SIGNED[op] else int64(value >> UNUSED_BITS[op])
                HART[H_LOADS] += ONE
            else:
                v = int64(REG[(w >> RS2) & M5])
                value = uint64(v) << shift
                ones = ONES[op] << shift
                MEM[place] = uint32((uint64(MEM[place]) & ~ones) | (value & ones))
                if CODE_PAGE[phys >> PAGE_SHIFT]:
                    forget(CODE, BLOCKS, GLOBAL[G_COLD], phys)
                HART[H_STORES] += ONE
            HART[H_LAST_ACCESS] = c + c + uint64(load)
            after = c + ONE
            REG[POST_SINK[op | ((w >> RS1) & M5) << U9]] = uint32(int64(REG[(w >> RS1) & M5]) + offset_of(REG, w, op))
            if load:
                REG[(w >> RD) & M6] = uint32(v)
            if op == OP_ELW:
                after += ELW_STALL
                flushes = True
                hides = False
                HART[STALLS + S_EVENT_LOAD] += ELW_STALL
                note = (S_EVENT_LOAD << NOTE_COUNT) | ELW_STALL  # [trace]
            if w & LOOP_END == ZERO:
                if load and (w >> RS3) & ONE:
                    HART[STALLS + S_LOAD_USE] += ONE
                    note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | ONE  # [trace]
                    after += ONE
                record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, d, v, HART[H_VADDR], w, after, note)  # [trace]
                if flushes:
                    HART[H_EVENT_CYCLES] += after - issued - ONE
                    entered = HART[H_HOLD_ENTRY] if HART[H_HOLD] == issued else issued
                    note_wait(HART, entered, after - ONE)
                    HART[H_FLUSHED] = after
                elif after > issued + ONE:
                    hold(HART, issued + ONE, after)
                retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                ix += TWO - ((w >> COMPRESSED) & ONE)
                c = after
                continue
            record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[H_BIAS], ix, a, b, d, v, HART[H_VADDR], w, after, note)  # [trace]
        elif after == ZERO:
            after = complete_rare(hart_address, global_address, h, w, ix, phys, page, parts, c)
            if after == ZERO:
                pending = P_BANK
                c += ONE
                break
            if op == OP_ELW:
                flushes = True
                hides = False
        next_ix = ix + TWO - ((w >> COMPRESSED) & ONE)
        if HART[H_ANSWER] > issued:  # [late]
            after = stay(hart_address, global_address, h, w, ix, issued, after)  # [late]
        retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
        if w & LOOP_END:
            next_ix, after, hides = end_of_body(hart_address, global_address, h, w, ix, issued, after, load, parts, hides)
            pending = HART[H_PENDING]
        if flushes:
            if op == OP_ELW:
                HART[H_EVENT_CYCLES] += after - issued - ONE
            # Its successor waited in IF: for the fetch as if it had been held itself, until the cycle before that.
            entered = HART[H_HOLD_ENTRY] if HART[H_HOLD] == issued else issued
            note_wait(HART, entered, after - ONE)
            HART[H_FLUSHED] = after
        if hides and after > issued + ONE:
            hold(HART, issued + ONE, after)
        ix = next_ix
        c = after
        if pending != P_RUN:
            break
    HART[H_CLOCK] = c
    HART[H_INDEX] = ix
    HART[H_PENDING] = pending
    HART[H_RETIRED] += retired
    if burst_count:
        HART[H_BURST] = burst_count
        HART[H_BURST_START] = burst_start
        HART[H_BURST_END] = burst_end
    HART[H_LINE] = fetched  # [icache]
    return wanted


def grant(hart_address, global_address, h, now, limit, alone, ahead):
    """A bank grants a hart's access in cycle `now`: its compiled block, or what does for one.  Returns its CLOCK."""
    HART = array64(hart_address)
    GLOBAL = array64(global_address)
    BLOCKS = array64(GLOBAL[G_AT_BLOCKS])
    known = BLOCKS[HART[H_INDEX]]
    if known > HOT and HART[H_PADDR] < UNCOMMON:
        c = call(known, hart_address, global_address, now, ahead)
        if c:
            return c
    complete(hart_address, global_address, h, now, limit, alone, ahead)
    return HART[H_CLOCK]


def complete(hart_address, global_address, h, now, limit, alone, ahead):
    """A bank grants a hart's access in cycle `now`: the common case of `turn`, with what comes next ahead of time."""
    HART = array64(hart_address)
    w = HART[H_REQUEST]
    phys = HART[H_PADDR]
    op = w & M_OP
    if w & LOOP_END or phys & UNCOMMON or op == OP_ELW:
        HART[H_PENDING] = P_GRANTED
        turn(hart_address, global_address, h, now, limit, alone, ahead)
        return
    GLOBAL = array64(global_address)
    BLOCKS = array64(GLOBAL[G_AT_BLOCKS])
    ix = HART[H_INDEX]
    if BLOCKS[ix] < HOT and GLOBAL[G_HOT] == NEVER:
        BLOCKS[ix] += ONE
        if BLOCKS[ix] == HOT:
            GLOBAL[G_HOT] = ix
    REG = array32(hart_address + REGISTERS)
    CODE = array64(GLOBAL[G_AT_CODE])
    MEM = array32(GLOBAL[G_AT_MEM])
    shift = (phys & THREE) << THREE
    place = phys >> TWO
    moved = uint32(int64(REG[(w >> RS1) & M5]) + offset_of(REG, w, op))
    after = now + ONE
    if op < FIRST_STORE:
        value = (uint64(MEM[place]) >> shift) << UNUSED_BITS[op]
        v = int64(value) >> int64(UNUSED_BITS[op]) if SIGNED[op] else int64(value >> UNUSED_BITS[op])
        HART[H_LOADS] += ONE
        HART[H_LAST_ACCESS] = now + after
        REG[POST_SINK[op | ((w >> RS1) & M5) << U9]] = moved
        REG[(w >> RD) & M6] = uint32(v)
        hazard = (w >> RS3) & ONE
        HART[STALLS + S_LOAD_USE] += hazard
        after += hazard
    else:
        value = uint64(REG[(w >> RS2) & M5]) << shift
        ones = ONES[op] << shift
        MEM[place] = uint32((uint64(MEM[place]) & ~ones) | (value & ones))
        CODE_PAGE = array8(GLOBAL[G_AT_CODE_PAGE])
        if CODE_PAGE[phys >> PAGE_SHIFT]:
            forget(CODE, BLOCKS, GLOBAL[G_COLD], phys)
        HART[H_STORES] += ONE
        HART[H_LAST_ACCESS] = now + now
        REG[POST_SINK[op | ((w >> RS1) & M5) << U9]] = moved
    issued = HART[H_ISSUED]
    if after > issued + ONE:
        hold(HART, issued + ONE, after)
    ix += TWO - ((w >> COMPRESSED) & ONE)
    HART[H_WORD] = w
    HART[H_PENDING] = P_RUN
    retired = ONE | ((w >> COMPRESSED) & ONE) << HALF
    c = after
    w = CODE[ix]
    op = w & (M_OP | LOOP_END)
    if op - ONE < ALU_END:
        done = burst(hart_address, global_address, h, ix, c, c, ahead, M_OP | LOOP_END, ZERO)
        executed = done >> BURST_COUNT
        retired += executed | (ix + executed + executed - (done & BURST_INDEX)) << HALF
        HART[H_BURST] = executed
        HART[H_BURST_START] = ix
        ix = done & BURST_INDEX
        c += executed
        HART[H_BURST_END] = c
        w = CODE[ix]
    op = w & M_OP
    HART[H_CLOCK] = c
    HART[H_INDEX] = ix
    HART[H_RETIRED] += retired
    if op - BRANCH_END - ONE < MEMORY_END - BRANCH_END and c < ahead:
        # Its next request.
        va = uint64(uint32(int64(REG[(w >> RS1) & M5]) + (offset_of(REG, w, op) & NOT_POST[op])))
        PAGE = array64(GLOBAL[G_AT_PAGE])
        entry = PAGE[HART[H_VIEW] + (va >> PAGE_SHIFT)]
        phys = (entry >> PLACE) + (va & M_PAGE)
        if entry & M_KIND == PG_TCDM and (va & THREE) + SIZE[op] <= FOUR and (op < FIRST_STORE or phys & M_WORD != GLOBAL[G_WATCH]):
            HART[H_REQUEST] = w
            HART[H_ISSUED] = c
            HART[H_PADDR] = phys
            HART[H_PENDING] = P_BANK


def run(HART, MEM, PAGE, CODE, CODE_PAGE, BLOCKS, BANK, STREAM, BEAT, GLOBAL, CONFLICT_PC, ICACHE, TRACE):
    GLOBAL[G_AT_CODE] = uint64(CODE.ctypes.data)
    GLOBAL[G_AT_PAGE] = uint64(PAGE.ctypes.data)
    GLOBAL[G_AT_MEM] = uint64(MEM.ctypes.data)
    GLOBAL[G_AT_CODE_PAGE] = uint64(CODE_PAGE.ctypes.data)
    GLOBAL[G_AT_BLOCKS] = uint64(BLOCKS.ctypes.data)
    GLOBAL[G_AT_BANK] = uint64(BANK.ctypes.data)
    GLOBAL[G_AT_TRACE] = uint64(TRACE.ctypes.data)
    GLOBAL[G_AT_ICACHE] = uint64(ICACHE.ctypes.data)
    hart_address = uint64(HART.ctypes.data)
    global_address = uint64(GLOBAL.ctypes.data)
    n_harts = GLOBAL[G_HARTS]
    n_streams = GLOBAL[G_STREAMS]
    stop = GLOBAL[G_STOP]
    bank_mask = GLOBAL[G_BANK_MASK]
    interconnect = GLOBAL[G_INTERCONNECT]
    unusual = ZERO if interconnect == LIC else ONE
    touched = np.empty(MAX_BANKS, np.uint64)
    requested = np.empty(n_harts, np.uint64)
    wheel = np.zeros(WHEEL_MASK + ONE, np.uint64)
    now = ZERO
    horizon = ZERO
    while True:
        # The next cycle in which someone acts.  A wheel has a set of harts (and streams, from bit STREAM_BIT on) for each of the
        # cycles before `horizon`; then it is filled again.
        while now < horizon and wheel[now & WHEEL_MASK] == ZERO:
            now += ONE
        if now >= horizon:
            now = fill_wheel(wheel, HART, STREAM, n_harts, n_streams)
            horizon = now + WHEEL_MASK
        acting = wheel[now & WHEEL_MASK]
        wheel[now & WHEEL_MASK] = ZERO
        GLOBAL[G_NOW] = now
        if now >= stop:
            # Accesses answered in the last cycle are still to be completed; nothing else may happen.
            h = ZERO
            while h < n_harts:
                hb = h * H_ROW
                if HART[hb + H_PENDING] == P_ANSWERED and HART[hb + H_CLOCK] == stop:
                    turn(hart_address + hb * EIGHT, global_address, h, now, stop, stop, stop)
                h += ONE
            return X_LIMIT
        if TRACED_MAX < GLOBAL[G_TRACED] + n_harts + n_harts:  # [trace]
            return X_TRACE  # [trace]
        limit = now + ONE
        alone = now
        shared = acting & (acting - ONE)
        if shared == ZERO:
            # A hart that is alone goes on to the next cycle in which someone else acts.
            while limit < horizon and wheel[limit & WHEEL_MASK] == ZERO:
                limit += ONE
            if limit == horizon:
                limit = next_of_others(HART, STREAM, n_harts, n_streams, now)
            alone = limit
            if limit > stop:
                limit = stop
            if limit > now + ((TRACED_MAX - GLOBAL[G_TRACED]) >> ONE):  # [trace]
                limit = now + ((TRACED_MAX - GLOBAL[G_TRACED]) >> ONE)  # [trace]
        ahead = limit  # [trace]
        ahead = limit + UNDO_MASK  # [plain]
        if ahead > stop:
            ahead = stop
        serve = NEVER
        beats = acting >> STREAM_BIT
        acting &= HART_BITS
        # Who requests which bank; `clash`: more is to be decided than that each of them is granted.
        n_requests = ZERO
        clash = beats | unusual
        taken = ZERO
        while acting:
            h = trailing_zeros(acting)
            acting &= acting - ONE
            hb = h * H_ROW
            pending = HART[hb + H_PENDING]
            if pending != P_BANK:
                if pending < P_ACCESS:
                    wanted = turn(hart_address + hb * EIGHT, global_address, h, now, limit, alone, ahead)
                    if wanted != NEVER:
                        # This cycle goes on when the code at `wanted` is decoded; the requests will be made again.
                        GLOBAL[G_HART] = h
                        GLOBAL[G_ADDRESS] = wanted
                        return X_DECODE
                    c = HART[hb + H_CLOCK]
                    if c != now:
                        if c < horizon:
                            wheel[c & WHEEL_MASK] |= ONE << h
                        continue
                    pending = HART[hb + H_PENDING]
                if pending != P_BANK:
                    if serve == NEVER:
                        serve = h
                    continue
            bank = (HART[hb + H_PADDR] >> TWO) & bank_mask
            clash |= taken & (ONE << (bank & U63))
            taken |= ONE << (bank & U63)
            requested[n_requests] = h << HALF | bank
            n_requests += ONE
        if clash == ZERO:
            i = ZERO
            while i < n_requests:
                h = requested[i] >> HALF
                bb = (requested[i] & M32) * B_ROW
                BANK[bb + B_ACCESSES] += ONE
                BANK[bb + B_POINTER] = h
                hb = h * H_ROW
                HART[hb + H_PENDING] = P_GRANTED  # [rich]
                turn(hart_address + hb * EIGHT, global_address, h, now, limit, alone, ahead)  # [rich]
                c = HART[hb + H_CLOCK]  # [rich]
                c = grant(hart_address + hb * EIGHT, global_address, h, now, limit, alone, ahead)  # [bare]
                if c < horizon:
                    wheel[c & WHEEL_MASK] |= ONE << h
                i += ONE
            n_requests = ZERO
        n_touched = ZERO
        i = ZERO
        while i < n_requests:
            h = requested[i] >> HALF
            bank = requested[i] & M32
            bb = bank * B_ROW
            if BANK[bb + B_REQUESTS] == ZERO:
                touched[n_touched] = bank
                n_touched += ONE
            BANK[bb + B_REQUESTS] |= ONE << h
            BANK[bb + B_MASTER] = h
            i += ONE
        if beats:
            n_touched = request_beats(STREAM, BEAT, BANK, touched, n_touched, bank_mask, n_streams, now)
        if interconnect == HCI and GLOBAL[G_SHARED] != now:
            GLOBAL[G_SHARED] = now
            share_banks(GLOBAL, STREAM, BEAT, BANK, MEM, touched, n_touched, bank_mask, n_streams, now)
        # Each requested bank grants one master.
        i = ZERO
        while i < n_touched:
            bank = touched[i]
            i += ONE
            bb = bank * B_ROW
            requests = BANK[bb + B_REQUESTS]
            BANK[bb + B_REQUESTS] = ZERO
            winner = BANK[bb + B_MASTER]
            pointer = BANK[bb + B_POINTER]
            if interconnect == LIC:
                BANK[bb + B_POINTER] = winner
                if requests & (requests - ONE):
                    winner = nearest(requests, pointer)
                    above = requests & ~((TWO << pointer) - ONE)
                    BANK[bb + B_POINTER] = nearest(above if above else requests, ZERO)
            elif interconnect == XBAR:
                winner = rotate(BANK, bb, requests, GLOBAL[G_MASTERS], GLOBAL[G_MASTERS1])
            else:
                winner = grant_shared(BANK, bb, requests)
                if winner == NEVER:
                    refuse(HART, BANK, CONFLICT_PC, wheel, bb, requests, NEVER, n_harts, now)
                    continue
            BANK[bb + B_ACCESSES] += ONE
            if winner < n_harts:
                hb = winner * H_ROW
                HART[hb + H_PENDING] = P_GRANTED  # [rich]
                turn(hart_address + hb * EIGHT, global_address, winner, now, limit, alone, ahead)  # [rich]
                c = HART[hb + H_CLOCK]  # [rich]
                c = grant(hart_address + hb * EIGHT, global_address, winner, now, limit, alone, ahead)  # [bare]
                if c < horizon:
                    wheel[c & WHEEL_MASK] |= ONE << winner
            else:
                grant_beat(STREAM, BEAT, MEM, winner, bank, bank_mask, n_streams)
            if requests & (requests - ONE):
                refuse(HART, BANK, CONFLICT_PC, wheel, bb, requests, winner, n_harts, now)
        if beats:
            done = finish_beats(STREAM, BEAT, wheel, n_streams, now, horizon)
            if done:
                return X_STREAM
        if serve != NEVER:
            GLOBAL[G_HART] = serve
            return X_SERVE
        if GLOBAL[G_HOT] != NEVER:  # [bare]
            return X_HOT  # [bare]
