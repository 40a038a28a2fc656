"""Firmware: the runtime, the kernels, and the applications that `iss run` knows by name."""
