"""From a quantised network to firmware on the cluster: description, placement on crossbars, image, runs."""
