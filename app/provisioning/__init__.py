"""Creation of topics, stores and access rights."""
