"""What is said: the records on the topics, how bytes become them, and what is wrong with those that do not."""
