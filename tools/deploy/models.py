"""Networks that are described here: MobileNetV2 (Sandler et al., CVPR 2018, Table 2), as arXiv 2201.01089 runs it."""

from __future__ import annotations

from tools.deploy.network import Layer, Network, NetworkError, Shape

FIRST_CHANNELS, LAST_CHANNELS = 32, 1280
STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Expansion, output channels, Bottlenecks, stride of the first one."""


def scaled(channels: int, width: float) -> int:
    """Channels times the width, to a multiple of 8 that is not more than 10 % smaller (the authors' rule)."""
    wanted = channels * width
    found = max(8, int(wanted + 4) // 8 * 8)
    return found if found >= 0.9 * wanted else found + 8


def mobilenet_v2(width: float = 1.0, resolution: int = 224) -> Network:
    """The first convolution, 17 Bottlenecks, the last 1x1 convolution: the 63 rows of Fig. 12(a), in their order.

    As there, the first Bottleneck has a 1x1 convolution before its depth-wise one although its expansion is 1
    (row 000-PW).  Below a width of 1 the last convolution keeps its channels."""
    if not 0.05 <= width <= 4:
        raise NetworkError(f"mobilenetv2: width = {width}; possible are 0.05..4")
    if not 8 <= resolution <= 1022:
        raise NetworkError(f"mobilenetv2: resolution = {resolution}; possible are 8..1022")
    channels = scaled(FIRST_CHANNELS, width)
    layers = [Layer("2D_0", "conv3x3", channels, 2)]
    for stage, (expansion, outputs, blocks, first_stride) in enumerate(STAGES):
        for block in range(blocks):
            name, source = f"{stage}{block}", layers[-1].name
            inputs, channels = channels, scaled(outputs, width)
            stride = first_stride if block == 0 else 1
            layers += [
                Layer(f"{name}0-PW", "pw", inputs * expansion),
                Layer(f"{name}-DW", "dw", stride=stride),
                Layer(f"{name}1-PW", "pw", channels, relu=False),
            ]
            if stride == 1 and inputs == channels:
                layers.append(Layer(f"{name}-ADD", "add", relu=False, inputs=(f"{name}1-PW", source)))
    layers.append(Layer("2D_1", "pw", max(LAST_CHANNELS, scaled(LAST_CHANNELS, width))))
    return Network(f"MobileNetV2 {width:g} {resolution}x{resolution}", Shape(resolution, resolution, 3), tuple(layers))
