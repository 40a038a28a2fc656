"""What is built on the simulator: benchmarks, documents."""
