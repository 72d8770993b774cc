"""What the use cases need from the world, by role. Adapters are named by technology first (`DynamoBookings`)."""
