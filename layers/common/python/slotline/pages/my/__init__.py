"""My schedules: what an agent sees and does of their own calls."""
