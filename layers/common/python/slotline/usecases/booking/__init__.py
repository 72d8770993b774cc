"""Book, change and read scheduled calls; set up agents and presets."""
