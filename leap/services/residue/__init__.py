"""Looking for what is left of somebody in everything the product keeps, and cleaning up after them."""
