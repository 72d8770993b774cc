"""The page behind a guest's link: the call as it is now, and what its guest may do with it."""
