"""MobileNetV2 end to end, row by row next to Fig. 12(a) of [J] = arXiv 2201.01089, and the systems of its Fig. 13.

All cycles are simulated and all energy is iss.observe.energy's; every layer's output is compared with NumPy's.  The printed
rows are data/mobilenetv2_fig12a.csv.  docs/mobilenetv2.md explains what differs."""
