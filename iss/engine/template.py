"""The interpreter's frame: the schedule of the harts, the pipeline's timing, memory and arbitration.

`emit` turns this text into the kernels: it writes the instructions' cases over the ``DISPATCH_...`` lines and keeps a line marked
``# [feature]`` only in variants with that feature.  All state is in the arrays; a call may stop before any cycle and go on later.
Numba infers every integer's type here: state words are uint64, and so are the constants (H_... from layout.Hart and so on).

A cycle has two halves.  First every hart whose clock has come takes its turn: it completes the access granted to it in the
cycle before, then executes an instruction or requests a bank; streams request the words of their beats.  Then each requested
bank grants one master.  A hart whose turn is the only event before another cycle goes on alone until then; and instructions
that only the ALU is busy with, which nobody else can notice, are executed ahead of time in a burst: what they overwrite is kept
in UNDO, one entry for a cycle, for `Machine` to take those back that come after the program's end.

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


def refuse(HART, STALL, BANK, CONFLICT_PC, wheel, bb, requests, winner, n_harts, now):
    """The harts that lost a bank try again in the next cycle."""
    h = ZERO
    while h < n_harts:
        if (requests >> h) & ONE and h != winner:
            hb = h * H_ROW
            HART[hb + H_CLOCK] = now + ONE
            HART[hb + H_CONFLICTS] += ONE
            STALL[h * S_ROW + S_TCDM_CONFLICT] += ONE
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


def note_wait(NOTES, HART, h, entry, after):
    """Remember that an instruction was held in ID: it would have been in EX in cycle `entry`, and was in `after`."""
    n = HART[h * H_ROW + H_NOTES]
    HART[h * H_ROW + H_NOTES] = n + ONE
    place = h * NOTES_ROW + (n & SEVEN) * TWO
    NOTES[place] = entry
    NOTES[place + ONE] = after


def entry_of(NOTES, h, after):
    """When the instruction that was in EX in cycle `after` would have been there without waiting."""
    k = ZERO
    while k < EIGHT:
        if NOTES[h * NOTES_ROW + k * TWO + ONE] == after:
            return NOTES[h * NOTES_ROW + k * TWO]
        k += ONE
    return after


def after_of(NOTES, h, entry):
    """The inverse of `entry_of`."""
    after = entry
    k = ZERO
    while k < EIGHT:
        if NOTES[h * NOTES_ROW + k * TWO] == entry:
            after = max(after, NOTES[h * NOTES_ROW + k * TWO + ONE])
        k += ONE
    return after


def words_fetched(HART, CODE, NOTES, h, until):
    """How many words the fetch buffer holds at the beginning of cycle `until`.

    Since the last jump one word was requested in each cycle that began with at most two words stored (RI5CY
    riscv_prefetch_buffer.sv, riscv_fetch_fifo.sv); a word leaves with its last instruction, and a loop's last one only when it
    leaves IF.  A wait that is forgotten, of more than eight, does not matter: the buffer was full since."""
    hb = h * H_ROW
    ix = HART[hb + H_START]
    cycle = HART[hb + H_ARRIVAL]
    in_ex = HART[hb + H_FIRST_EX]
    blocked = HART[hb + H_FULL]
    arrived = ZERO
    underway = ONE
    gone = ZERO
    while True:
        while in_ex < cycle + TWO:
            following = ix + TWO - ((CODE[ix] >> COMPRESSED) & ONE)
            gone += (following >> ONE) - (ix >> ONE)
            ix = following
            in_ex = after_of(NOTES, h, in_ex) + ONE
        stored = arrived - gone
        if cycle <= HART[hb + H_LEFT]:
            stored += ONE
        if int64(cycle) >= int64(until):
            return stored
        arrived += underway
        underway = ONE if stored <= TWO and blocked == ZERO else ZERO
        blocked = ZERO
        cycle += ONE


def forget(CODE, phys):
    """Decoded code that depends on a word of memory is decoded again when it is next run."""
    place = (phys >> ONE) - BEHIND
    last = place + FORGET
    while place < last:
        CODE[place] = CODE[place] & LOOP_END
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
            HART[h * H_ROW + H_PRIVATE_MISSES] += ONE
            shared_base = GLOBAL[G_HARTS] * GLOBAL[G_PRIVATE_LINES]
            busy = shared_base + GLOBAL[G_SHARED_LINES] + (line & GLOBAL[G_SHARED_BANK_MASK])
            start = now + waits
            if ICACHE[busy] > start:
                start = ICACHE[busy]
            ready = start + GLOBAL[G_PRIVATE_REFILL]
            ways = GLOBAL[G_SHARED_WAYS]
            shared = shared_base + (line & GLOBAL[G_SHARED_MASK]) * ways
            if GLOBAL[G_CACHE_ON] == ZERO or find_line(ICACHE, shared, ways, line) == NEVER:
                HART[h * H_ROW + H_SHARED_MISSES] += ONE
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


def run(HART, REG, STALL, MEM, PAGE, CODE, CODE_PAGE, BANK, STREAM, BEAT, GLOBAL, CONFLICT_PC, UNDO, NOTES, ICACHE, TRACE):
    n_harts = GLOBAL[G_HARTS]
    n_streams = GLOBAL[G_STREAMS]
    stop = GLOBAL[G_STOP]
    bank_mask = GLOBAL[G_BANK_MASK]
    watch = GLOBAL[G_WATCH]
    interconnect = GLOBAL[G_INTERCONNECT]
    always_arbitrate = interconnect != LIC
    touched = np.empty(MAX_BANKS, np.uint64)
    wheel = np.zeros(WHEEL_MASK + ONE, np.uint64)
    now = ZERO
    horizon = ZERO
    private_ways = GLOBAL[G_PRIVATE_WAYS]  # [icache]
    private_mask = GLOBAL[G_PRIVATE_MASK]  # [icache]
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
            # Accesses granted in the last cycle are still to be completed; nothing else may happen.
            settled = True
            h = ZERO
            while h < n_harts:
                pending = HART[h * H_ROW + H_PENDING]
                if (pending == P_GRANTED or pending == P_ANSWERED) and HART[h * H_ROW + H_CLOCK] == stop:
                    settled = False
                h += ONE
            if settled:
                return X_LIMIT
        # A hart that is alone goes on to the next cycle in which someone else acts.
        limit = now + ONE
        shared = acting & (acting - ONE) != ZERO
        if not shared:
            while limit < horizon and wheel[limit & WHEEL_MASK] == ZERO:
                limit += ONE
            if limit == horizon:
                limit = next_of_others(HART, STREAM, n_harts, n_streams, now)
        alone = limit
        if limit == now + ONE and shared:
            alone = now
        if limit > stop:
            limit = stop
        if TRACED_MAX < GLOBAL[G_TRACED] + n_harts + n_harts:  # [trace]
            return X_TRACE  # [trace]
        if limit > now + ((TRACED_MAX - GLOBAL[G_TRACED]) >> ONE):  # [trace]
            limit = now + ((TRACED_MAX - GLOBAL[G_TRACED]) >> ONE)  # [trace]
        ahead = limit  # [trace]
        ahead = limit + UNDO_MASK  # [plain]
        if ahead > stop:
            ahead = stop
        n_touched = ZERO
        serve = NEVER
        acting &= HART_BITS
        while acting:
            h = trailing_zeros(acting)
            acting &= acting - ONE
            hb = h * H_ROW
            c = now
            pending = HART[hb + H_PENDING]
            if pending >= P_BANK:
                if now >= stop and pending != P_GRANTED and pending != P_ANSWERED:
                    continue
                if pending == P_BANK:
                    bank = (HART[hb + H_PADDR] >> TWO) & bank_mask
                    bb = bank * B_ROW
                    if BANK[bb + B_REQUESTS] == ZERO:
                        touched[n_touched] = bank
                        n_touched += ONE
                    BANK[bb + B_REQUESTS] |= ONE << h
                    BANK[bb + B_MASTER] = h
                    continue
                if pending >= P_ACCESS:
                    if serve == NEVER:
                        serve = h
                    continue
            elif now >= stop:
                continue
            rb = h * R_ROW
            sb = h * S_ROW
            view = HART[hb + H_VIEW]
            ix = HART[hb + H_INDEX]
            retired = ZERO
            wanted = NEVER
            burst = ZERO
            fetched = HART[hb + H_LINE]  # [icache]
            private_base = h * GLOBAL[G_PRIVATE_LINES]  # [icache]
            while True:
                # One instruction.  It is in EX from `issued`; its successor, unhindered, in `after`.
                hides = True
                flushes = False
                if pending == P_RUN:
                    w = CODE[ix]
                    op = w & M_OP
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
                            STALL[sb + S_FETCH] += waits  # [icache]
                            record(TRACE, GLOBAL, c, h | U256, ZERO, ix, ZERO, ZERO, ZERO, ZERO, ZERO, w, c, (S_FETCH << NOTE_COUNT) | waits)  # [icache+trace]
                            c += waits  # [icache]
                            continue  # [icache]
                    if c >= limit:
                        if op - ONE >= ALU_END or w & LOOP_END or c >= ahead:
                            break
                        UNDO[h * UNDO_ROW + (c & UNDO_MASK)] = (
                            uint64(REG[rb + ((w >> RD) & M6)]) | ((w >> RD) & M6) << HALF | ix << UNDO_INDEX
                        )
                        burst += ONE
                    if op - ONE < ALU_END:
                        a = int64(REG[rb + ((w >> RS1) & M5)])
                        b = int64(REG[rb + ((w >> RS2) & M5)])
                        d = int64(REG[rb + ((w >> RS3) & M5)])
                        imm = int64(int32(w >> IMM))
                        v = int64(0)
                        DISPATCH_ALU
                        REG[rb + ((w >> RD) & M6)] = uint32(v)
                        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, d, v, ZERO, w, c + ONE, ZERO)  # [trace]
                        if w & LOOP_END == ZERO:
                            ix += TWO - ((w >> COMPRESSED) & ONE)
                            c += ONE
                            retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                            continue
                        issued = c
                        after = c + ONE
                        load = False
                    elif op - ONE < BRANCH_END:
                        a = int64(REG[rb + ((w >> RS1) & M5)])
                        b = int64(REG[rb + ((w >> RS2) & M5)])
                        imm = int64(int32(w >> IMM))
                        taken = True
                        target = int64(0)
                        DISPATCH_BRANCH
                        if op - ONE >= JUMP_END:
                            HART[hb + H_LAST_BRANCH] = c
                            if taken:
                                target = int64((ix << ONE) + HART[hb + H_BIAS]) + target
                        if taken:
                            pc = uint64(uint32(target))
                            entry = PAGE[view + (pc >> PAGE_SHIFT)]
                            if (entry & M_KIND) - ONE >= PG_DEVICE - ONE:
                                # A fault, in its own time: the jump itself does not retire.
                                HART[hb + H_VADDR] = pc
                                pending = P_FETCH
                                if serve == NEVER and c == now:
                                    serve = h
                                break
                            next_ix = ((entry >> PLACE) + (pc & M_PAGE)) >> ONE
                            wt = CODE[next_ix]
                            if wt & M_OP == UNDECODED:
                                wanted = pc
                                break
                            split = ((pc >> ONE) & ONE) & ~(wt >> COMPRESSED)
                            HART[hb + H_MISSES] += split
                            note = ZERO  # [trace]
                            if op - ONE >= JUMP_END:
                                HART[hb + H_BRANCHES] += ONE
                                HART[hb + H_TAKEN] += ONE
                                HART[hb + H_LAST_TAKEN] = c
                                STALL[sb + S_BRANCH] += BRANCH_STALL
                                note = (note << NOTE) | (S_BRANCH << NOTE_COUNT) | BRANCH_STALL  # [trace]
                                after = c + ONE + BRANCH_STALL
                                v = int64(0)
                            else:
                                HART[hb + H_JUMPS] += ONE
                                entered = c
                                if HART[hb + H_HOLD] == c:
                                    entered = HART[hb + H_HOLD_ENTRY]
                                before = entered
                                if op == OP_JALR and HART[hb + H_REDIRECT] != before and HART[hb + H_LOOPED] != before:
                                    # rs1 comes from the instruction before, or is loaded by the one before that.
                                    hazard = (w >> RS3) & THREE
                                    before -= ONE
                                    if hazard & ONE:
                                        entered = c + ONE
                                        HART[hb + H_JUMP_HAZARDS] += ONE
                                    elif hazard and HART[hb + H_REDIRECT] != before and HART[hb + H_LOOPED] != before:
                                        entered += ONE
                                        HART[hb + H_JUMP_HAZARDS] += ONE
                                    if entered > c:
                                        STALL[sb + S_JUMP_REGISTER] += entered - c
                                        note = (note << NOTE) | (S_JUMP_REGISTER << NOTE_COUNT) | (entered - c)  # [trace]
                                        c = entered
                                waited = c - entered
                                after = c + ONE
                                if waited == ZERO:
                                    STALL[sb + S_JUMP] += ONE
                                    note = (note << NOTE) | (S_JUMP << NOTE_COUNT) | ONE  # [trace]
                                    after += ONE
                                if op == OP_JALR and w & SELF_JUMP and waited <= split:
                                    # In the bubble ID still holds the jump, whose rs1 is its own rd: it stalls for itself.
                                    HART[hb + H_SELF_JUMPS] += ONE
                                    if waited == split:
                                        STALL[sb + S_JUMP_REGISTER] += ONE
                                        note = (note << NOTE) | (S_JUMP_REGISTER << NOTE_COUNT) | ONE  # [trace]
                                        after += ONE
                                if waited > ONE:
                                    split = ZERO
                                v = int64((ix << ONE) + HART[hb + H_BIAS] + FOUR - ((w >> COMPRESSED) & ONE) * TWO)
                                REG[rb + ((w >> RD) & M6)] = uint32(v)
                            if split:
                                STALL[sb + S_FETCH] += ONE
                                note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | ONE  # [trace]
                                after += ONE
                            record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, ZERO, v, ONE, w, after, note)  # [trace]
                            HART[hb + H_REDIRECT] = after
                            HART[hb + H_START] = next_ix
                            HART[hb + H_ARRIVAL] = c + ONE if op - ONE >= JUMP_END else entered
                            HART[hb + H_FIRST_EX] = after
                            HART[hb + H_FULL] = ZERO
                            HART[hb + H_LEFT] = ZERO
                            retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                            HART[hb + H_BIAS] = pc - (next_ix << ONE)
                            ix = next_ix
                            c = after
                            continue
                        HART[hb + H_BRANCHES] += ONE
                        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, ZERO, ZERO, ZERO, w, c + ONE, ZERO)  # [trace]
                        if w & LOOP_END == ZERO:
                            ix += TWO - ((w >> COMPRESSED) & ONE)
                            c += ONE
                            retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                            continue
                        issued = c
                        after = c + ONE
                        load = False
                    elif op - ONE < MEMORY_END:
                        a = int64(REG[rb + ((w >> RS1) & M5)])
                        b = int64(REG[rb + ((w >> RS2) & M5)])
                        d = int64(REG[rb + ((w >> RS3) & M5)])
                        imm = int64(int32(w >> IMM))
                        addr = int64(0)
                        DISPATCH_MEMORY
                        va = uint64(uint32(addr))
                        entry = PAGE[view + (va >> PAGE_SHIFT)]
                        page = entry & M_KIND
                        phys = (entry >> PLACE) + (va & M_PAGE)
                        parts = ONE
                        HART[hb + H_VADDR] = va  # [trace]
                        if page - ONE < TWO and (va & THREE) + SIZE[op] <= FOUR and (op < FIRST_STORE or phys & M_WORD != watch):
                            # The common access: within one word of a bank, or of memory that grants at once.
                            if page == PG_TCDM:
                                bank = (phys >> TWO) & bank_mask
                                bb = bank * B_ROW
                                if c >= alone or always_arbitrate:
                                    HART[hb + H_WORD] = w
                                    HART[hb + H_ISSUED] = c
                                    HART[hb + H_PADDR] = phys
                                    pending = P_BANK
                                    if c == now:
                                        if BANK[bb + B_REQUESTS] == ZERO:
                                            touched[n_touched] = bank
                                            n_touched += ONE
                                        BANK[bb + B_REQUESTS] |= ONE << h
                                        BANK[bb + B_MASTER] = h
                                    break
                                # Nobody else can request in this cycle.
                                BANK[bb + B_ACCESSES] += ONE
                                BANK[bb + B_POINTER] = h
                        else:
                            if (va & THREE) + SIZE[op] > FOUR:
                                vb = ((va & M_WORD) + FOUR) & M32
                                entry = PAGE[view + (vb >> PAGE_SHIFT)]
                                parts = TWO
                                HART[hb + H_PADDR2] = (entry >> PLACE) + (vb & M_PAGE)
                                if entry & M_KIND != page:
                                    page = PG_DEVICE
                            if phys & M_WORD == watch and op >= FIRST_STORE:
                                page = PG_DEVICE
                            HART[hb + H_WORD] = w
                            HART[hb + H_ISSUED] = c
                            HART[hb + H_VADDR] = va
                            HART[hb + H_PARTS] = parts
                            HART[hb + H_PAGE] = page
                            if page == PG_UNMAPPED or page >= PG_DEVICE:
                                pending = P_ACCESS
                                if serve == NEVER and c == now:
                                    serve = h
                                break
                            if page != PG_SLOW and page != PG_RAM:
                                HART[hb + H_PADDR] = phys | UNCOMMON
                                bank = (phys >> TWO) & bank_mask
                                bb = bank * B_ROW
                                if c >= alone or always_arbitrate:
                                    pending = P_BANK
                                    if c == now:
                                        if BANK[bb + B_REQUESTS] == ZERO:
                                            touched[n_touched] = bank
                                            n_touched += ONE
                                        BANK[bb + B_REQUESTS] |= ONE << h
                                        BANK[bb + B_MASTER] = h
                                    break
                                BANK[bb + B_ACCESSES] += ONE
                                BANK[bb + B_POINTER] = h
                        issued = c
                        load = op < FIRST_STORE
                        after = ZERO
                    elif op - ONE < UNIT_END:
                        # Multiplier and divider steps.
                        a = int64(REG[rb + ((w >> RS1) & M5)])
                        b = int64(REG[rb + ((w >> RS2) & M5)])
                        v = int64(0)
                        extra = ZERO
                        cause = ZERO
                        DISPATCH_UNIT
                        REG[rb + ((w >> RD) & M6)] = uint32(v)
                        STALL[sb + cause] += extra
                        issued = c
                        after = c + ONE + extra
                        load = False
                        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, ZERO, v, ZERO, w, after, (cause << NOTE_COUNT) | extra)  # [trace]
                    elif op - ONE < LOOP_SET_END:
                        a = int64(REG[rb + ((w >> RS1) & M5)])
                        imm = int64(int32(w >> IMM))
                        start = int64(0)
                        finish = int64(0)
                        count = int64(0)
                        sets = ZERO
                        DISPATCH_LOOP
                        lb = hb + H_LPSTART0 + ((w >> RD) & ONE) * THREE
                        if sets & ONE:
                            pc = uint64(uint32(start))
                            entry = PAGE[view + (pc >> PAGE_SHIFT)]
                            if (entry & M_KIND) - ONE < PG_DEVICE - ONE:
                                if CODE[((entry >> PLACE) + (pc & M_PAGE)) >> ONE] & M_OP == UNDECODED:
                                    wanted = pc
                                    break
                            HART[lb] = pc
                            HART[hb + H_SPLIT_LOOP] |= pc & TWO
                        if sets & TWO:
                            pc = uint64(uint32(finish))
                            entry = PAGE[view + (pc >> PAGE_SHIFT)]
                            if (entry & M_KIND) - ONE < PG_DEVICE - ONE:
                                CODE[((entry >> PLACE) + (pc & M_PAGE)) >> ONE] |= LOOP_END
                            HART[lb + ONE] = pc
                        if sets & FOUR:
                            HART[lb + TWO] = uint64(uint32(count))
                        HART[hb + H_LP_VISIBLE] = c + TWO
                        issued = c
                        after = c + ONE
                        load = False
                        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, ZERO, ZERO, ZERO, ZERO, w, after, ZERO)  # [trace]
                    elif op == UNDECODED:
                        wanted = ((ix << ONE) + HART[hb + H_BIAS]) & M32
                        break
                    else:
                        HART[hb + H_WORD] = w
                        HART[hb + H_ISSUED] = c
                        pending = P_SYSTEM
                        if serve == NEVER and c == now:
                            serve = h
                        break
                elif pending == P_RESULT:
                    pending = P_RUN
                    w = HART[hb + H_WORD]
                    op = w & M_OP
                    v = int64(HART[hb + H_VALUE])
                    a = int64(REG[rb + ((w >> RS1) & M5)])  # [trace]
                    REG[rb + ((w >> RD) & M6)] = uint32(v)
                    extra = HART[hb + H_EXTRA]
                    STALL[sb + (HART[hb + H_CAUSE] & M5)] += extra
                    issued = c
                    after = c + ONE + extra
                    load = False
                    hides = False
                    flushes = extra != ZERO
                    record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, ZERO, ZERO, v, ZERO, w, after, (HART[hb + H_CAUSE] << NOTE_COUNT) | extra)  # [trace]
                else:
                    # The access was granted, or answered, in the cycle before.
                    w = HART[hb + H_WORD]
                    op = w & M_OP
                    issued = HART[hb + H_ISSUED]
                    phys = HART[hb + H_PADDR]
                    parts = ONE
                    page = PG_TCDM
                    if pending == P_ANSWERED:
                        page = PG_DEVICE
                    elif phys & UNCOMMON:
                        phys ^= UNCOMMON
                        parts = HART[hb + H_PARTS]
                        page = HART[hb + H_PAGE]
                    pending = P_RUN
                    load = op < FIRST_STORE
                    c -= ONE
                    after = ZERO
                note = ZERO  # [trace]
                a = int64(REG[rb + ((w >> RS1) & M5)])  # [trace]
                b = int64(REG[rb + ((w >> RS2) & M5)])  # [trace]
                d = int64(REG[rb + ((w >> RS3) & M5)])  # [trace]
                if after == ZERO and parts == ONE and page <= PG_TCDM:
                    # The common access: within one word that answers in the next cycle.
                    shift = (phys & THREE) << THREE
                    place = phys >> TWO
                    if load:
                        value = (uint64(MEM[place]) >> shift) << UNUSED_BITS[op]
                        v = int64(value) >> int64(UNUSED_BITS[op]) if SIGNED[op] else int64(value >> UNUSED_BITS[op])
                        HART[hb + H_LOADS] += ONE
                    else:
                        v = int64(REG[rb + ((w >> RS2) & M5)])
                        value = uint64(v) << shift
                        ones = ONES[op] << shift
                        MEM[place] = uint32((uint64(MEM[place]) & ~ones) | (value & ones))
                        if CODE_PAGE[phys >> PAGE_SHIFT]:
                            forget(CODE, phys)
                        HART[hb + H_STORES] += ONE
                    HART[hb + H_LAST_ACCESS] = c + c + uint64(load)
                    after = c + ONE
                    post = POST[op]
                    if post:
                        addr = int64(REG[rb + ((w >> RS1) & M5)])
                        if post == ONE:
                            addr += int64(int32(w >> IMM))
                        elif post == TWO:
                            addr += int64(REG[rb + ((w >> RS2) & M5)])
                        else:
                            addr += int64(REG[rb + ((w >> RS3) & M5)])
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(addr)
                    if load:
                        REG[rb + ((w >> RD) & M6)] = uint32(v)
                    if op == OP_ELW:
                        after += ELW_STALL
                        flushes = True
                        hides = False
                        STALL[sb + S_EVENT_LOAD] += ELW_STALL
                        note = (S_EVENT_LOAD << NOTE_COUNT) | ELW_STALL  # [trace]
                    if w & LOOP_END == ZERO:
                        if load and (w >> RS3) & ONE:
                            STALL[sb + S_LOAD_USE] += ONE
                            note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | ONE  # [trace]
                            after += ONE
                        record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, d, v, HART[hb + H_VADDR], w, after, note)  # [trace]
                        if flushes:
                            entered = HART[hb + H_HOLD_ENTRY] if HART[hb + H_HOLD] == issued else issued
                            note_wait(NOTES, HART, h, entered, after - ONE)
                            HART[hb + H_FLUSHED] = after
                        elif after > issued + ONE:
                            HART[hb + H_HOLD] = after
                            HART[hb + H_HOLD_ENTRY] = issued + ONE
                            note_wait(NOTES, HART, h, issued + ONE, after)
                        retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                        ix += TWO - ((w >> COMPRESSED) & ONE)
                        c = after
                        continue
                    record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, d, v, HART[hb + H_VADDR], w, after, note)  # [trace]
                elif after == ZERO:
                    # A memory access is served in the cycle that it was granted in.
                    shift = (HART[hb + H_VADDR] & THREE) << THREE
                    HART[hb + H_LAST_ACCESS] = c + c + uint64(load)
                    place = phys >> TWO
                    a = int64(REG[rb + ((w >> RS1) & M5)])
                    b = int64(REG[rb + ((w >> RS2) & M5)])
                    extra = ZERO
                    v = b
                    if load:
                        value = HART[hb + H_VALUE]
                        if page != PG_DEVICE:
                            word = uint64(MEM[place])
                            if page == PG_TAS:
                                MEM[place] = uint32(word | ONES[op] << shift)
                            if parts == ONE:
                                value = word >> shift
                            elif parts == ZERO:
                                value = (value | word << HALF) >> shift
                            elif page < PG_SLOW and page > PG_RAM:
                                HART[hb + H_VALUE] = word
                            else:
                                value = (word | uint64(MEM[HART[hb + H_PADDR2] >> TWO]) << HALF) >> shift
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
                            forget(CODE, phys)
                        if parts == TWO and (page == PG_RAM or page == PG_SLOW):
                            phys = HART[hb + H_PADDR2]
                            ones = ones >> HALF
                            MEM[phys >> TWO] = uint32((uint64(MEM[phys >> TWO]) & ~ones) | ((value >> HALF) & ones))
                            if CODE_PAGE[phys >> PAGE_SHIFT]:
                                forget(CODE, phys)
                    if parts != ONE:
                        if parts == TWO:
                            HART[hb + H_HALF_GRANT] = c
                            STALL[sb + S_MISALIGNED] += ONE
                            c += ONE
                            record(TRACE, GLOBAL, c, h | U256, ZERO, ix, ZERO, ZERO, ZERO, ZERO, ZERO, w, c, (S_MISALIGNED << NOTE_COUNT) | ONE)  # [trace]
                        if parts == TWO and page != PG_RAM and page != PG_SLOW:
                            # The second word is requested one cycle after the first was granted.
                            phys = HART[hb + H_PADDR2]
                            HART[hb + H_PADDR] = phys | UNCOMMON
                            HART[hb + H_PARTS] = ZERO
                            pending = P_BANK
                            if c == now and c < stop:
                                bank = (phys >> TWO) & bank_mask
                                bb = bank * B_ROW
                                if BANK[bb + B_REQUESTS] == ZERO:
                                    touched[n_touched] = bank
                                    n_touched += ONE
                                BANK[bb + B_REQUESTS] |= ONE << h
                                BANK[bb + B_MASTER] = h
                            break
                        if load:
                            HART[hb + H_LOADS] += ONE
                            if w & LOOP_END == ZERO:
                                HART[hb + H_UNSEEN] += (w >> RS3) & (w >> RS3 + ONE) & ONE
                        else:
                            HART[hb + H_STORES] += ONE
                    if load:
                        HART[hb + H_LOADS] += ONE
                    else:
                        HART[hb + H_STORES] += ONE
                    if page >= PG_SLOW:
                        extra = GLOBAL[G_SLOW_LATENCY]
                        cause = S_L2
                        if page == PG_DEVICE:
                            extra = HART[hb + H_EXTRA]
                            cause = HART[hb + H_CAUSE] & M5
                        STALL[sb + cause] += extra
                        note = (note << NOTE) | (cause << NOTE_COUNT) | extra  # [trace]
                    if op == OP_ELW:
                        hides = False
                        flushes = True
                        if page != PG_DEVICE:
                            extra += ELW_STALL
                            STALL[sb + S_EVENT_LOAD] += ELW_STALL
                            note = (note << NOTE) | (S_EVENT_LOAD << NOTE_COUNT) | ELW_STALL  # [trace]
                    after = c + ONE + extra
                    post = POST[op]
                    if post == ONE:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + int64(int32(w >> IMM)))
                    elif post == TWO:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + b)
                    elif post == THREE:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + int64(REG[rb + ((w >> RS3) & M5)]))
                    if load:
                        REG[rb + ((w >> RD) & M6)] = uint32(v)
                        if w & LOOP_END == ZERO:
                            STALL[sb + S_LOAD_USE] += (w >> RS3) & ONE
                            if (w >> RS3) & ONE:  # [trace]
                                note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | ONE  # [trace]
                            after += (w >> RS3) & ONE
                    record(TRACE, GLOBAL, c, h, (ix << ONE) + HART[hb + H_BIAS], ix, a, b, d, v, HART[hb + H_VADDR], w, after, note)  # [trace]
                retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                next_ix = ix + TWO - ((w >> COMPRESSED) & ONE)
                if w & LOOP_END:
                    note = TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + NINE]  # [trace]
                    hazard = ZERO
                    unseen = ZERO
                    if load:
                        hazard = (w >> RS3) & ONE
                        if parts != ONE:
                            unseen = hazard & (w >> RS3 + ONE)
                    lp = ZERO
                    pc = ((ix << ONE) + HART[hb + H_BIAS]) & M32
                    if issued >= HART[hb + H_LP_VISIBLE] and issued != HART[hb + H_LOOPED]:
                        if pc == HART[hb + H_LPEND0] and HART[hb + H_LPCOUNT0] > ONE:
                            lp = H_LPSTART0
                        elif pc == HART[hb + H_LPEND1] and HART[hb + H_LPCOUNT1] > ONE:
                            lp = H_LPSTART1
                    if lp:
                        HART[hb + lp + TWO] -= ONE
                        spc = HART[hb + lp]
                        entry = PAGE[view + (spc >> PAGE_SHIFT)]
                        next_ix = ((entry >> PLACE) + (spc & M_PAGE)) >> ONE
                        if (entry & M_KIND) - ONE >= PG_DEVICE - ONE:
                            HART[hb + H_VADDR] = spc
                            pending = P_FETCH
                            next_ix = ix
                        else:
                            HART[hb + H_BIAS] = spc - (next_ix << ONE)
                        wt = CODE[next_ix]
                        rd = (w >> RD) & M6
                        own = load and (rd == ((w >> RS1) & M5) or rd == ((w >> RS2) & M5))
                        if load and op != OP_ELW:
                            hazard = ZERO
                            unseen = ZERO
                            to = wt & M_OP
                            if rd == ((wt >> RS1) & M5) or rd == ((wt >> RS2) & M5):
                                hazard = ONE
                            elif to - ONE < BRANCH_END or (to >= FIRST_STORE and to - ONE < UNIT_END) or to == OP_CSR:
                                if rd == ((wt >> RS3) & M5) and to != OP_JALR:
                                    hazard = ONE
                                elif rd == ((wt >> RD) & M6):
                                    hazard = ONE
                                    unseen = uint64(parts != ONE)
                        # `entered`: EX of the last instruction had it not waited in ID; `seen`: it is whole in IF; `full`: with so many
                        # words buffered then that the second one from the target is requested a cycle later; `whole`: the
                        # target's first instruction is whole in IF.  What the last instructions waited hides the fetch.
                        entered = issued
                        if HART[hb + H_HOLD] == issued:
                            entered = HART[hb + H_HOLD_ENTRY]
                        late = ZERO
                        if HART[hb + H_REDIRECT] == entered:
                            seen = HART[hb + H_ARRIVAL] + (((pc >> ONE) & ONE) & ~(w >> COMPRESSED))
                            late = ((pc >> ONE) & ONE) & (w >> COMPRESSED)
                        elif HART[hb + H_HOLD] == entered - ONE:
                            seen = HART[hb + H_HOLD_ENTRY] - ONE
                        elif entered != issued or HART[hb + H_FLUSHED] == entered:
                            seen = entry_of(NOTES, h, entered - ONE) - ONE
                        else:
                            seen = entered - TWO
                        split = ((spc >> ONE) & ONE) & ~(wt >> COMPRESSED)
                        full = ZERO
                        if HART[hb + H_SPLIT_LOOP] and entered > seen + TWO and words_fetched(HART, CODE, NOTES, h, seen + ONE) >= THREE:
                            full = ONE
                        whole = seen + ONE + late + split + (full & split)
                        first = issued + ONE
                        if not hides and after > issued + ONE:
                            first = after  # it emptied the pipeline
                        elif whole >= issued:
                            # In the bubble ID still holds the last instruction: a load of its own base stalls for itself.
                            hazard = uint64(own and whole < after)
                            unseen = hazard - uint64(own)
                            hides = False
                            first = (whole if whole > after - ONE else after - ONE) + TWO
                            STALL[sb + S_FETCH] += first - after
                            note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | (first - after)  # [trace]
                            after = first
                        if whole >= entered:
                            HART[hb + H_MISSES] += whole + ONE - entered
                        HART[hb + H_LOOPED] = after + hazard
                        HART[hb + H_START] = next_ix
                        HART[hb + H_ARRIVAL] = seen + ONE + late
                        HART[hb + H_FIRST_EX] = first
                        HART[hb + H_FULL] = full
                        HART[hb + H_LEFT] = entered - TWO if entered > seen + TWO else ZERO
                    STALL[sb + S_LOAD_USE] += hazard
                    HART[hb + H_UNSEEN] += unseen
                    after += hazard
                    if hazard:  # [trace]
                        note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | hazard  # [trace]
                    TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + EIGHT] = after  # [trace]
                    TRACE[(GLOBAL[G_TRACED] - ONE) * T_ROW + NINE] = note  # [trace]
                if flushes:
                    # Its successor waited in IF: for the fetch as if it had been held itself, until the cycle before that.
                    entered = HART[hb + H_HOLD_ENTRY] if HART[hb + H_HOLD] == issued else issued
                    note_wait(NOTES, HART, h, entered, after - ONE)
                    HART[hb + H_FLUSHED] = after
                if hides and after > issued + ONE:
                    HART[hb + H_HOLD] = after
                    HART[hb + H_HOLD_ENTRY] = issued + ONE
                    note_wait(NOTES, HART, h, issued + ONE, after)
                ix = next_ix
                c = after
                if pending != P_RUN:
                    break
            HART[hb + H_CLOCK] = c
            HART[hb + H_INDEX] = ix
            HART[hb + H_PENDING] = pending
            HART[hb + H_RETIRED] += retired
            if burst:
                HART[hb + H_BURST] = burst
                HART[hb + H_BURST_END] = c
            HART[hb + H_LINE] = fetched  # [icache]
            if wanted != NEVER:
                # This cycle goes on when the code at `wanted` is decoded; the requests will be made again.
                i = ZERO
                while i < n_touched:
                    BANK[touched[i] * B_ROW + B_REQUESTS] = ZERO
                    i += ONE
                GLOBAL[G_HART] = h
                GLOBAL[G_ADDRESS] = wanted
                return X_DECODE
            if c > now and c < horizon:
                wheel[c & WHEEL_MASK] |= ONE << h
        if now >= stop:
            horizon = ZERO
            wheel[:] = ZERO
            continue
        if n_streams:
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
                    refuse(HART, STALL, BANK, CONFLICT_PC, wheel, bb, requests, NEVER, n_harts, now)
                    continue
            BANK[bb + B_ACCESSES] += ONE
            if winner < n_harts:
                HART[winner * H_ROW + H_CLOCK] = now + ONE
                HART[winner * H_ROW + H_PENDING] = P_GRANTED
                wheel[(now + ONE) & WHEEL_MASK] |= ONE << winner
            else:
                grant_beat(STREAM, BEAT, MEM, winner, bank, bank_mask, n_streams)
            if requests & (requests - ONE):
                refuse(HART, STALL, BANK, CONFLICT_PC, wheel, bb, requests, winner, n_harts, now)
        if n_streams:
            done = finish_beats(STREAM, BEAT, wheel, n_streams, now, horizon)
            if done:
                return X_STREAM
        if serve != NEVER:
            GLOBAL[G_HART] = serve
            return X_SERVE
