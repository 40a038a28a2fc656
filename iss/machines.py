"""The machines: what is where in each, and who sees it (spec: memory_map.csv; golden/rtl8_notes.md section 2).

`core` and `bench8` are those of the RTL measurements, `cluster` is the cluster alone, `pulp` the cluster with a fabric
controller, which is its last hart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from iss.config import Config
from iss.engine.layout import Page
from iss.memory.map import Region
from periph import places
from periph.cluster_ctrl import ClusterControl
from periph.device import Bus, Device, Slot, TableDevice
from periph.dma import Dma, DmaPort
from periph.dma import ports as dma_ports
from periph.event_unit import EventPort, EventUnit, EventView
from periph.hwpe import Accelerators
from periph.icache_ctrl import IcacheControl
from periph.places import base_of
from periph.soc import FABRIC_CLUSTER, ClockGenerators, SocControl, Stdout
from periph.soc_events import EventGenerator, InterruptController
from periph.test_port import BUFFER, TestPort
from periph.timer import FC_TABLE, TABLE, Timer
from periph.traffic import BUFFER_BYTES

CLUSTER_VIEW, FABRIC_VIEW = 0, 1


@dataclass
class Parts:
    """What a machine is made of.  `hart_ids` are the harts' mhartid, `views` what each sees, `held` those that do not start.

    `responses`: by how many cycles the answers of a region's devices are late."""

    regions: list[Region]
    devices: Mapping[str, Device]
    hart_ids: list[int]
    views: list[int]
    held: set[int] = field(default_factory=set)
    unit: EventUnit | None = None
    controller: InterruptController | None = None
    accelerators: Accelerators | None = None
    dma: Dma | None = None
    responses: Mapping[str, int] = field(default_factory=dict)

    def interrupts(self, hart: int) -> str:
        """What can wake a hart from wfi, in words."""
        if self.unit is not None and hart < self.unit.count:
            return self.unit.interrupts(hart)
        return self.controller.interrupts() if self.controller else "there are no interrupts here"


def assemble(config: Config) -> Parts:
    """The parts of the configured machine."""
    harts = list(range(config.harts))
    memory = Page.SLOW if config.l2_latency or config.l2_response_latency else Page.RAM
    if config.machine == "core":
        regions = [
            Region("test port", 0x1A100000, 4096, Page.DEVICE),
            Region("RAM", 0, 4 << 20, memory, repeats=True),
        ]
        return Parts(regions, {"test port": TestPort(barrier=False)}, harts, [0] * len(harts))
    if config.machine == "bench8":
        windows = tuple(0x10000000 + i for i in range(config.tcdm_bytes, 1 << 20, config.tcdm_bytes))
        regions = [
            Region("TCDM", 0x10000000, config.tcdm_bytes, Page.TCDM, windows),
            Region("image", 0, 1 << 20, memory),
            Region(BUFFER, 0, BUFFER_BYTES, Page.UNMAPPED),
            Region("test port", 0x1A100000, 4096, Page.DEVICE),
        ]
        return Parts(regions, {"test port": TestPort(barrier=True)}, harts, [0] * len(harts))
    return _cluster(config, config.machine == "pulp")


def _cluster(config: Config, fabric: bool) -> Parts:
    """The cluster; with `fabric`, and its fabric controller."""
    cores = config.harts
    hart_ids = [*range(cores), *([FABRIC_CLUSTER << 5] if fabric else [])]
    views = [CLUSTER_VIEW] * cores + [FABRIC_VIEW] * fabric
    unit = EventUnit(cores)
    accelerators = Accelerators(config, cores + fabric, unit.raise_event)
    near, far = config.peripheral_latency, config.l2_latency + config.peripheral_latency
    stdout = Stdout(hart_ids)
    controller = InterruptController(cores, config.reference_period) if fabric else None
    dma = Dma(cores, cores + fabric, config.l2_latency, unit.raise_event, controller.raise_event if controller else None)
    own_port, *shared_ports = dma_ports(dma)
    soc = Bus("the SoC's peripheral space", _soc(config, unit, controller, stdout), [far] * cores + [near] * fabric)
    devices: dict[str, Device] = {
        "cluster peripherals": Bus(
            "the cluster's peripheral space", _peripherals(config, unit, accelerators, shared_ports, fabric),
            [near] * cores + [far] * fabric,
        ),
        "demux peripherals": Bus(
            "the core's own peripheral space",
            [_slot(device, places.DEMUX) for device in (EventPort(unit), own_port)],
            [0] * cores,
        ),
        "SoC peripherals": soc,
    }
    regions = [
        *_memories(config, fabric),
        *accelerators.regions,
        Region("cluster peripherals", places.CLUSTER_PERIPHERALS, places.CLUSTER_PERIPHERALS_BYTES, Page.DEVICE),
        _alias("cluster peripherals", places.CLUSTER_PERIPHERALS, places.CLUSTER_PERIPHERALS_BYTES),
        Region("demux peripherals", places.DEMUX, places.DEMUX_BYTES, Page.DEVICE, view=CLUSTER_VIEW),
        _alias("demux peripherals", places.DEMUX, places.DEMUX_BYTES),
        Region("SoC peripherals", places.SOC_PERIPHERALS, places.SOC_PERIPHERALS_BYTES, Page.DEVICE),
    ]
    if not fabric:
        regions.append(Region("stdout", places.STDOUT_WITHOUT_FC, 4096, Page.DEVICE))
        devices["stdout"] = Bus("stdout", [Slot(0, 4096, stdout)], [far] * cores)
    held = set(range(cores)) if fabric else set()
    slow = dict.fromkeys(("cluster peripherals", "SoC peripherals", "stdout"), config.peripheral_response_latency)
    return Parts(regions, devices, hart_ids, views, held, unit, controller, accelerators, dma, slow)


def _memories(config: Config, fabric: bool) -> list[Region]:
    """L1 and L2.  The fabric controller reaches L2 at once and L1 through the SoC, and has L2's first bank at address 0.

    A TCDM of more than 1 MiB, which no such cluster has and studies want, lies as a whole at LARGE_TCDM."""
    near = min(config.tcdm_bytes, places.TEST_AND_SET)
    regions = []
    if near < config.tcdm_bytes:
        regions = [Region("large TCDM", places.LARGE_TCDM, config.tcdm_bytes, Page.TCDM, view=CLUSTER_VIEW)]
    regions += [
        Region(
            "TCDM", places.CLUSTER, near, Page.TCDM, (places.CLUSTER_ALIAS,), memory="large TCDM" if regions else "",
            view=CLUSTER_VIEW,
        ),
        Region(
            "TCDM test-and-set", places.CLUSTER + places.TEST_AND_SET, near, Page.TAS,
            (places.CLUSTER_ALIAS + places.TEST_AND_SET,), memory="TCDM", view=CLUSTER_VIEW,
        ),
        Region("L2", places.L2, config.l2_bytes, Page.SLOW, view=CLUSTER_VIEW),
    ]  # fmt: skip
    if fabric:
        regions += [
            Region("L2 of the fabric controller", places.L2, config.l2_bytes, Page.RAM, memory="L2", view=FABRIC_VIEW),
            Region("L2 alias", 0, min(config.l2_bytes, places.L2_ALIAS_BYTES), Page.RAM, memory="L2", view=FABRIC_VIEW),
            Region("TCDM from the SoC", places.CLUSTER, near, Page.SLOW, memory="TCDM", view=FABRIC_VIEW),
        ]
    return regions


def _alias(name: str, base: int, size: int) -> Region:
    """The cluster's harts see a device of the cluster also at its alias."""
    base = base - places.CLUSTER + places.CLUSTER_ALIAS
    return Region(f"{name} (alias)", base, size, Page.DEVICE, memory=name, view=CLUSTER_VIEW)


def _slot(device: TableDevice, space: int) -> Slot:
    """A device at its place in a peripheral space."""
    return Slot(base_of(device.table.name) - space, device.table.size, device)


def _peripherals(
    config: Config, unit: EventUnit, accelerators: Accelerators, ports: list[DmaPort], fabric: bool
) -> list[Slot]:
    """The peripherals of the cluster."""
    devices: tuple[TableDevice, ...] = (
        ClusterControl(config.harts, fabric, config.low_prio_max_stall, config.invert_prio),
        Timer(TABLE, unit.hold_timer, config.reference_period),
        EventView(unit),
        IcacheControl(config.harts),
        accelerators.dw,
        accelerators.ima,
        *ports,
    )
    return [_slot(device, places.CLUSTER_PERIPHERALS) for device in devices]


def _soc(config: Config, unit: EventUnit, controller: InterruptController | None, stdout: Stdout) -> list[Slot]:
    """The peripherals of the SoC."""
    devices: list[TableDevice] = [ClockGenerators(), SocControl(config.harts), EventGenerator(unit, controller), stdout]
    if controller is not None:
        devices += [controller, Timer(FC_TABLE, controller.hold_timer, config.reference_period)]
    return [_slot(device, places.SOC_PERIPHERALS) for device in devices]
