"""What the product does, one verb a module. They speak to ports; they know neither HTTP nor AWS."""
