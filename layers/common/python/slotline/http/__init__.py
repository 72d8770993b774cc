"""HTTP: what a request must look like, and what every answer looks like. Decides nothing about calls."""
