"""What every context does: answer once, and wake what is due."""
