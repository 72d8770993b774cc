"""What pages show and change of agents: their hours and absences, for themselves and for whoever plans them."""
