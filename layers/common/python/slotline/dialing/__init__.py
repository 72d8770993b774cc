"""What dialing needs of other libraries: where numbers are and what they cost, and conditions on calls."""
