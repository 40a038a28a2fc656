"""The commands of `iss`: a module for each, of the command's name.

A module has `add(commands)`, which describes its options, and `run(args)`, which returns the exit code and imports what it needs
only then: every start of `iss` imports all of these modules."""
