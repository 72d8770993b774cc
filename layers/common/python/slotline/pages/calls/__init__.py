"""A scheduled call as people see it who work with it: in My schedules and in the console."""
