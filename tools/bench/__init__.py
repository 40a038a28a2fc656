"""How fast the simulator is, next to other loops on the same machine in the same minutes: `iss bench`."""
