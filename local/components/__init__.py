"""What the pages are built of, to be looked at. It runs in a process of its own, on the layer as it is by then."""
