"""The interpreter's frame: the schedule of the harts, the pipeline's timing, memory and arbitration.

`emit` turns this text into the kernels: it writes the instructions' cases over the ``DISPATCH`` line and keeps a line marked
``# [feature]`` only in variants with that feature.  All state is in the arrays; a call may stop before any cycle and go on later.
Numba infers every integer's type here: state words are uint64, and so are the constants (H_... from layout.Hart and so on).

A cycle has two halves.  First every hart whose clock has come takes its turn: it completes the access granted to it in the
cycle before, then executes an instruction or requests a bank.  Then each requested bank grants one master.  A hart whose
turn is the only event before another cycle goes on alone until then.

Timing follows the pipeline rules of docs/timing.md, stated for the cycle in which an instruction is in EX.  An instruction that
waited in ID (behind a busy EX, a lost arbitration, a load-use stall) leaves a note, HOLD, for the jump or loop end that the
wait hides a fetch bubble of.
"""

# ruff: noqa
# mypy: ignore-errors


def run(HART, REG, STALL, MEM, PAGE, CODE, CODE_PAGE, BANK, GLOBAL, CONFLICT_PC, TRACE):
    n_harts = GLOBAL[G_HARTS]
    stop = GLOBAL[G_STOP]
    bank_mask = GLOBAL[G_BANK_MASK]
    watch = GLOBAL[G_WATCH]
    interconnect = GLOBAL[G_INTERCONNECT]
    channel_masters = GLOBAL[G_MASTERS]
    second_masters = GLOBAL[G_MASTERS1]
    always_arbitrate = interconnect != LIC
    touched = np.empty(256, np.uint64)
    while True:
        # The cycle, and the first later one in which a second hart acts.
        now = NEVER
        second = NEVER
        h = ZERO
        while h < n_harts:
            t = HART[h * H_ROW + H_CLOCK]
            if t < now:
                second = now
                now = t
            elif t < second:
                second = t
            h += ONE
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
        limit = now + ONE
        if second > limit:
            limit = second
        if limit > stop:
            limit = stop
        if TRACED_MAX < GLOBAL[G_TRACED] + n_harts + n_harts:  # [trace]
            return X_TRACE  # [trace]
        n_touched = ZERO
        serve = NEVER
        h = ZERO
        while h < n_harts:
            hb = h * H_ROW
            c = HART[hb + H_CLOCK]
            pending = HART[hb + H_PENDING]
            if c != now or (now >= stop and pending != P_GRANTED and pending != P_ANSWERED):
                h += ONE
                continue
            if pending == P_BANK:
                paddr = HART[hb + H_PADDR]
                bank = (paddr >> TWO) & bank_mask
                bb = bank * B_ROW
                if BANK[bb + B_REQUESTS] == ZERO:
                    touched[n_touched] = bank
                    n_touched += ONE
                BANK[bb + B_REQUESTS] |= ONE << h
                BANK[bb + B_MASTER] = h
                h += ONE
                continue
            if pending >= P_ACCESS:
                if serve == NEVER:
                    serve = h
                h += ONE
                continue
            rb = h * R_ROW
            sb = h * S_ROW
            ix = HART[hb + H_INDEX]
            bias = HART[hb + H_BIAS]
            retired = ZERO
            wanted = NEVER
            while True:
                # kind: 0 write v to rd; 1 jump; 2 branch; 3 memory access; 4 hardware loop; 5 the Python side's
                kind = ZERO
                issued = c
                after = c + ONE
                v = int64(0)
                extra = ZERO
                cause = ZERO
                taken = False
                target = int64(0)
                phys = ZERO
                page = ZERO
                note = ZERO  # [trace]
                if pending == P_RUN:
                    if c >= limit:
                        break
                    w = CODE[ix]
                    op = w & M_OP
                    a = int64(REG[rb + ((w >> RS1) & M5)])
                    b = int64(REG[rb + ((w >> RS2) & M5)])
                    d = int64(REG[rb + ((w >> RS3) & M5)])
                    imm = int64(int32(w >> IMM))
                    addr = int64(0)
                    start = int64(0)
                    finish = int64(0)
                    count = int64(0)
                    sets = ZERO
                    DISPATCH
                    if kind == FIVE:
                        if op == UNDECODED:
                            wanted = ((ix << ONE) + bias) & M32
                        else:
                            HART[hb + H_WORD] = w
                            pending = P_SYSTEM
                            if serve == NEVER and c == now:
                                serve = h
                        break
                    if kind == THREE:
                        va = uint64(uint32(addr))
                        entry = PAGE[va >> PAGE_SHIFT]
                        page = entry & M_KIND
                        phys = (entry >> PLACE) + (va & M_PAGE)
                        HART[hb + H_PARTS] = ONE
                        if (va & THREE) + SIZE[op] > FOUR:
                            vb = ((va & M_WORD) + FOUR) & M32
                            entry = PAGE[vb >> PAGE_SHIFT]
                            HART[hb + H_PARTS] = TWO
                            HART[hb + H_PADDR2] = (entry >> PLACE) + (vb & M_PAGE)
                            if entry & M_KIND != page:
                                page = PG_DEVICE
                        HART[hb + H_WORD] = w
                        HART[hb + H_ISSUED] = c
                        HART[hb + H_VADDR] = va
                        HART[hb + H_PADDR] = phys
                        if phys & M_WORD == watch and op >= FIRST_STORE:
                            page = PG_DEVICE
                        if page == PG_UNMAPPED or page >= PG_DEVICE:
                            pending = P_ACCESS
                            if serve == NEVER and c == now:
                                serve = h
                            break
                        if page == PG_TCDM:
                            bank = (phys >> TWO) & bank_mask
                            bb = bank * B_ROW
                            if c >= second or always_arbitrate:
                                if c == now:
                                    if BANK[bb + B_REQUESTS] == ZERO:
                                        touched[n_touched] = bank
                                        n_touched += ONE
                                    BANK[bb + B_REQUESTS] |= ONE << h
                                    BANK[bb + B_MASTER] = h
                                pending = P_BANK
                                break
                            # Nobody else can request in this cycle.
                            BANK[bb + B_ACCESSES] += ONE
                            BANK[bb + B_POINTER] = h
                        elif page == PG_SLOW:
                            extra = GLOBAL[G_SLOW_LATENCY]
                            cause = S_L2
                elif pending == P_RESULT:
                    pending = P_RUN
                    w = HART[hb + H_WORD]
                    op = w & M_OP
                    v = int64(HART[hb + H_VALUE])
                    extra = HART[hb + H_EXTRA]
                    cause = HART[hb + H_CAUSE] & M5
                else:
                    # The access was granted, or answered, in the cycle before.
                    kind = THREE
                    w = HART[hb + H_WORD]
                    op = w & M_OP
                    issued = HART[hb + H_ISSUED]
                    phys = HART[hb + H_PADDR]
                    page = PG_TCDM
                    c -= ONE
                    if pending == P_ANSWERED:
                        page = PG_DEVICE
                        extra = HART[hb + H_EXTRA]
                        cause = HART[hb + H_CAUSE] & M5
                    pending = P_RUN
                a = int64(REG[rb + ((w >> RS1) & M5)])
                b = int64(REG[rb + ((w >> RS2) & M5)])
                d = int64(REG[rb + ((w >> RS3) & M5)])
                if kind == THREE:
                    size = SIZE[op]
                    shift = (HART[hb + H_VADDR] & THREE) << THREE
                    parts = HART[hb + H_PARTS]
                    place = phys >> TWO
                    value = ZERO
                    if page == PG_DEVICE:
                        value = HART[hb + H_VALUE]
                    elif op < FIRST_STORE:
                        value = uint64(MEM[place])
                        if parts == TWO and page != PG_TCDM:
                            value |= uint64(MEM[HART[hb + H_PADDR2] >> TWO]) << HALF
                        elif parts == TWO:
                            HART[hb + H_VALUE] = value
                        elif parts == ZERO:
                            value = HART[hb + H_VALUE] | value << HALF
                        value = value >> shift
                    else:
                        value = uint64(b) << shift
                        ones = ((ONE << (size << THREE)) - ONE) << shift
                        if parts == ZERO:
                            value = value >> HALF
                            ones = ones >> HALF
                        MEM[place] = uint32((uint64(MEM[place]) & ~ones) | (value & ones))
                        if CODE_PAGE[phys >> PAGE_SHIFT]:
                            forget(CODE, phys)
                        if parts == TWO and page != PG_TCDM:
                            phys = HART[hb + H_PADDR2]
                            place = phys >> TWO
                            ones = ones >> HALF
                            MEM[place] = uint32((uint64(MEM[place]) & ~ones) | ((value >> HALF) & ones))
                            if CODE_PAGE[phys >> PAGE_SHIFT]:
                                forget(CODE, phys)
                    if parts == TWO:
                        STALL[sb + S_MISALIGNED] += ONE
                        note = (note << NOTE) | (S_MISALIGNED << NOTE_COUNT) | ONE  # [trace]
                        c += ONE
                        if page == PG_TCDM:
                            # The second word is requested one cycle after the first was granted.
                            phys = HART[hb + H_PADDR2]
                            HART[hb + H_PADDR] = phys
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
                    if op == OP_ELW and page != PG_DEVICE:
                        extra += THREE
                        cause = S_EVENT_LOAD
                    after = c + ONE
                    if POST[op] == ONE:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + int64(int32(w >> IMM)))
                    elif POST[op] == TWO:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + b)
                    elif POST[op] == THREE:
                        REG[rb + SINK[(w >> RS1) & M5]] = uint32(a + d)
                    if op < FIRST_STORE:
                        HART[hb + H_LOADS] += TWO if parts != ONE else ONE
                        HART[hb + H_LAST_LOAD] = c
                        if size == FOUR:
                            v = int64(value)
                        elif size == TWO:
                            v = int64(int16(value)) if SIGNED[op] else int64(uint16(value))
                        else:
                            v = int64(int8(value)) if SIGNED[op] else int64(uint8(value))
                        REG[rb + ((w >> RD) & M6)] = uint32(v)
                    else:
                        HART[hb + H_STORES] += TWO if parts != ONE else ONE
                        HART[hb + H_LAST_STORE] = c
                # What every instruction does when it is done; after: the EX cycle of its successor.
                next_ix = ix + TWO - ((w >> COMPRESSED) & ONE)
                bubble = ZERO
                if kind == ZERO:
                    REG[rb + ((w >> RD) & M6)] = uint32(v)
                elif kind == FOUR:
                    lb = hb + H_LPSTART0 + ((w >> RD) & ONE) * THREE
                    if sets & ONE:
                        pc = uint64(uint32(start))
                        entry = PAGE[pc >> PAGE_SHIFT]
                        page = entry & M_KIND
                        if page != PG_UNMAPPED and page < PG_DEVICE:
                            if CODE[((entry >> PLACE) + (pc & M_PAGE)) >> ONE] & M_OP == UNDECODED:
                                wanted = pc
                                break
                        HART[lb] = pc
                    if sets & TWO:
                        pc = uint64(uint32(finish))
                        entry = PAGE[pc >> PAGE_SHIFT]
                        page = entry & M_KIND
                        if page != PG_UNMAPPED and page < PG_DEVICE:
                            CODE[((entry >> PLACE) + (pc & M_PAGE)) >> ONE] |= LOOP_END
                        HART[lb + ONE] = pc
                    if sets & FOUR:
                        HART[lb + TWO] = uint64(uint32(count))
                    HART[hb + H_LP_VISIBLE] = c + TWO
                elif kind != THREE:
                    if kind == TWO:
                        target = int64((ix << ONE) + bias) + target
                    else:
                        taken = True
                    if taken:
                        pc = uint64(uint32(target))
                        entry = PAGE[pc >> PAGE_SHIFT]
                        page = entry & M_KIND
                        if page == PG_UNMAPPED or page >= PG_DEVICE:
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
                        if kind == TWO:
                            HART[hb + H_TAKEN] += ONE
                            HART[hb + H_LAST_TAKEN] = c
                            STALL[sb + S_BRANCH] += TWO
                            note = (note << NOTE) | (S_BRANCH << NOTE_COUNT) | TWO  # [trace]
                            after = c + THREE
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
                                elif hazard and HART[hb + H_REDIRECT] != before and HART[hb + H_LOOPED] != before:
                                    entered += ONE
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
                                if op == OP_JALR and split == ZERO and w & SELF_JUMP:
                                    # In the bubble ID still holds the jump, whose rs1 is its own rd: it stalls for itself.
                                    STALL[sb + S_JUMP_REGISTER] += ONE
                                    note = (note << NOTE) | (S_JUMP_REGISTER << NOTE_COUNT) | ONE  # [trace]
                                    after += ONE
                            elif waited > ONE:
                                split = ZERO
                            v = int64((ix << ONE) + bias + FOUR - ((w >> COMPRESSED) & ONE) * TWO)
                            REG[rb + ((w >> RD) & M6)] = uint32(v)
                        if split:
                            STALL[sb + S_FETCH] += ONE
                            note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | ONE  # [trace]
                            after += ONE
                        HART[hb + H_REDIRECT] = after
                        bias = pc - (next_ix << ONE)
                    if kind == TWO:
                        HART[hb + H_BRANCHES] += ONE
                        HART[hb + H_LAST_BRANCH] = c
                if extra:
                    STALL[sb + cause] += extra
                    note = (note << NOTE) | (cause << NOTE_COUNT) | extra  # [trace]
                    after += extra
                hazard = ZERO
                if kind == THREE and op < FIRST_STORE:
                    hazard = (w >> RS3) & ONE
                if w & LOOP_END and not taken and issued >= HART[hb + H_LP_VISIBLE] and issued != HART[hb + H_LOOPED]:
                    pc = ((ix << ONE) + bias) & M32
                    lp = ZERO
                    if pc == HART[hb + H_LPEND0] and HART[hb + H_LPCOUNT0] > ONE:
                        lp = H_LPSTART0
                    elif pc == HART[hb + H_LPEND1] and HART[hb + H_LPCOUNT1] > ONE:
                        lp = H_LPSTART1
                    if lp:
                        HART[hb + lp + TWO] -= ONE
                        spc = HART[hb + lp]
                        entry = PAGE[spc >> PAGE_SHIFT]
                        page = entry & M_KIND
                        next_ix = ((entry >> PLACE) + (spc & M_PAGE)) >> ONE
                        if page == PG_UNMAPPED or page >= PG_DEVICE:
                            HART[hb + H_VADDR] = spc
                            pending = P_FETCH
                            next_ix = ix
                        else:
                            bias = spc - (next_ix << ONE)
                        wt = CODE[next_ix]
                        rd = (w >> RD) & M6
                        if kind == THREE and op < FIRST_STORE:
                            hazard = ZERO
                            to = wt & M_OP
                            if rd == ((wt >> RS1) & M5) or rd == ((wt >> RS2) & M5):
                                hazard = ONE
                            elif rd == ((wt >> RS3) & M5) and (to < FIRST_JUMP or to >= FIRST_STORE):
                                hazard = ONE
                            elif rd == ((wt >> RD) & M6) and to < FIRST_BRANCH:
                                hazard = ONE
                        # The jump back costs a cycle when its target is a 32-bit instruction at a half-word address, unless the last
                        # two instructions waited; one more when a jump led to a compressed end at a half-word address.
                        bubble = ((spc >> ONE) & ONE) & ~(wt >> COMPRESSED)
                        if HART[hb + H_REDIRECT] == issued:
                            bubble += ((pc >> ONE) & ONE) & (w >> COMPRESSED)
                        elif HART[hb + H_HOLD] == issued or HART[hb + H_HOLD] == issued - ONE:
                            bubble = ZERO
                        if bubble:
                            # In the bubble ID still holds the last instruction: a load of its own base stalls for itself.
                            if hazard and kind == THREE and rd != ((w >> RS1) & M5) and rd != ((w >> RS2) & M5):
                                hazard = ZERO
                            elif kind == THREE and op < FIRST_STORE and (rd == ((w >> RS1) & M5) or rd == ((w >> RS2) & M5)):
                                hazard = ONE
                            busy = after - issued
                            lost = bubble + ONE - busy if bubble > busy else ONE
                            STALL[sb + S_FETCH] += lost
                            note = (note << NOTE) | (S_FETCH << NOTE_COUNT) | lost  # [trace]
                            after += lost
                        HART[hb + H_LOOPED] = after + hazard
                if hazard:
                    STALL[sb + S_LOAD_USE] += ONE
                    note = (note << NOTE) | (S_LOAD_USE << NOTE_COUNT) | ONE  # [trace]
                    after += ONE
                if bubble == ZERO and after > issued + ONE and not taken:
                    HART[hb + H_HOLD] = after
                    HART[hb + H_HOLD_ENTRY] = issued + ONE
                retired += ONE | ((w >> COMPRESSED) & ONE) << HALF
                tb = GLOBAL[G_TRACED] * T_ROW  # [trace]
                TRACE[tb] = c  # [trace]
                TRACE[tb + ONE] = h  # [trace]
                TRACE[tb + TWO] = ((ix << ONE) + HART[hb + H_BIAS]) & M32  # [trace]
                TRACE[tb + THREE] = ix  # [trace]
                TRACE[tb + FOUR] = uint64(uint32(a)) | uint64(uint32(b)) << HALF  # [trace]
                TRACE[tb + FIVE] = uint64(uint32(d)) | uint64(uint32(v)) << HALF  # [trace]
                TRACE[tb + SIX] = HART[hb + H_VADDR] if kind == THREE else uint64(taken)  # [trace]
                TRACE[tb + SEVEN] = w  # [trace]
                TRACE[tb + EIGHT] = after  # [trace]
                TRACE[tb + NINE] = note  # [trace]
                GLOBAL[G_TRACED] += ONE  # [trace]
                HART[hb + H_BIAS] = bias  # [trace]
                ix = next_ix
                c = after
                if pending != P_RUN:
                    break
                if GLOBAL[G_TRACED] >= TRACED_MAX:  # [trace]
                    break  # [trace]
            HART[hb + H_CLOCK] = c
            HART[hb + H_INDEX] = ix
            HART[hb + H_BIAS] = bias
            HART[hb + H_PENDING] = pending
            HART[hb + H_RETIRED] += retired
            if wanted != NEVER:
                # This cycle goes on when the code at `wanted` is decoded; the requests will be made again.
                i = ZERO
                while i < n_touched:
                    BANK[touched[i] * B_ROW + B_REQUESTS] = ZERO
                    i += ONE
                GLOBAL[G_HART] = h
                GLOBAL[G_ADDRESS] = wanted
                return X_DECODE
            h += ONE
        # Each requested bank grants one master.
        i = ZERO
        while i < n_touched:
            bank = touched[i]
            bb = bank * B_ROW
            requests = BANK[bb + B_REQUESTS]
            BANK[bb + B_REQUESTS] = ZERO
            BANK[bb + B_ACCESSES] += ONE
            winner = BANK[bb + B_MASTER]
            if interconnect == LIC:
                if requests & (requests - ONE):
                    pointer = BANK[bb + B_POINTER]
                    winner = nearest(requests, pointer)
                    above = requests & ~((TWO << pointer) - ONE)
                    BANK[bb + B_POINTER] = nearest(above if above else requests, ZERO)
                else:
                    BANK[bb + B_POINTER] = winner
            else:
                # XBAR_TCDM: a counter per channel; two channels take turns.
                of_first = requests & ((ONE << channel_masters) - ONE)
                of_second = requests >> channel_masters
                if of_second and (of_first == ZERO or BANK[bb + B_CHANNEL]):
                    pointer = BANK[bb + B_POINTER1]
                    winner = nearest(of_second, pointer) + channel_masters
                    BANK[bb + B_POINTER1] = pointer + ONE if pointer + ONE < second_masters else ZERO
                else:
                    pointer = BANK[bb + B_POINTER]
                    winner = nearest(of_first, pointer)
                    BANK[bb + B_POINTER] = pointer + ONE if pointer + ONE < channel_masters else ZERO
                BANK[bb + B_CHANNEL] ^= ONE
            HART[winner * H_ROW + H_CLOCK] = now + ONE
            HART[winner * H_ROW + H_PENDING] = P_GRANTED
            if requests & (requests - ONE):
                h = ZERO
                while h < n_harts:
                    if (requests >> h) & ONE and h != winner:
                        hb = h * H_ROW
                        HART[hb + H_CLOCK] = now + ONE
                        HART[hb + H_CONFLICTS] += ONE
                        STALL[h * S_ROW + S_TCDM_CONFLICT] += ONE
                        BANK[bb + B_CONFLICTS] += ONE
                        CONFLICT_PC[HART[hb + H_INDEX]] += ONE
                    h += ONE
            i += ONE
        if serve != NEVER:
            GLOBAL[G_HART] = serve
            return X_SERVE
