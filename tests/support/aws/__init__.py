"""AWS in moto, what goes to it, and the template that declares it."""
